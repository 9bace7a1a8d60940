"""The local engine host: neural speech, translation and lip-sync engines on one machine.

One process serves the wire of docs/engine-wire.md on the loopback interface. It
downloads nothing: weights lie in the directory that set-up made. Each engine is
a module of its own, is loaded on first use, stays in memory and serves one
request at a time.
"""

VERSION = "1"
