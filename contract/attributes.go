package contract

import "go.temporal.io/sdk/temporal"

// The search attributes: a ledger of the 10 Keyword, 3 Int and 3 Datetime ones
// that SQL visibility has room for. They are stored in clear, so titles here
// are code names. Taken so far: 7 Keyword, 2 Int, 1 Datetime.
var (
	AttrJob         = temporal.NewSearchAttributeKeyKeyword("BabelreelJob")
	AttrCustomer    = temporal.NewSearchAttributeKeyKeyword("Customer")
	AttrSeries      = temporal.NewSearchAttributeKeyKeyword("Series")
	AttrTitle       = temporal.NewSearchAttributeKeyKeyword("Title")
	AttrLanguage    = temporal.NewSearchAttributeKeyKeyword("TargetLanguage") // "" for the title itself
	AttrReviewState = temporal.NewSearchAttributeKeyKeyword("ReviewState")    // one of the Review constants
	AttrReviewGate  = temporal.NewSearchAttributeKeyKeyword("ReviewGate")     // first gate that waits, "" for none
	AttrCriticals   = temporal.NewSearchAttributeKeyInt64("OpenCritical")
	AttrWaiting     = temporal.NewSearchAttributeKeyInt64("GatesWaiting")
	AttrDue         = temporal.NewSearchAttributeKeyTime("DeliveryDue")
)

// What ReviewState says.
const (
	ReviewNone      = "none"              // machines are at work, or all is done
	ReviewLinguist  = "awaiting_linguist" // a gate waits for a decision
	ReviewBlocked   = "blocked"           // a stage cannot go on without a person
	ReviewDelivered = "delivered"
)

// Attribute is one entry of the ledger: its name and its type as the server's
// tools write it.
type Attribute struct{ Name, Type string }

// Attributes is the ledger, in the order above.
func Attributes() []Attribute {
	return []Attribute{
		{AttrJob.GetName(), "Keyword"},
		{AttrCustomer.GetName(), "Keyword"},
		{AttrSeries.GetName(), "Keyword"},
		{AttrTitle.GetName(), "Keyword"},
		{AttrLanguage.GetName(), "Keyword"},
		{AttrReviewState.GetName(), "Keyword"},
		{AttrReviewGate.GetName(), "Keyword"},
		{AttrCriticals.GetName(), "Int"},
		{AttrWaiting.GetName(), "Int"},
		{AttrDue.GetName(), "Datetime"},
	}
}
