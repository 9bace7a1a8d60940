package simengine

// Encode lets tests make recordings of their own.
var Encode = encode
