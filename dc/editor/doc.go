// Package editor is what text editors need of DC files: a language server, which [Serve] runs,
// and a TextMate grammar, which colours them.
//
// The server speaks the Language Server Protocol 3.17 as far as it goes here: errors and
// warnings as one writes, what a name means (hover), where it is declared (definition), what may
// be written next (completion), the outline of a file, and formatting. A file is read together
// with the other files of its [Project], which may be open in the editor or not.
//
// Everything but the framing of messages is in one goroutine, in the order in which the editor
// sent it. Errors are published when no further message waits, so that fast typing costs no more
// than the last state.
//
// The framing is written here because it is short. The Go libraries for the protocol bring all of
// its 300 types and a scheduler, of which a server with six requests needs neither:
// golang.org/x/exp/jsonrpc2 promises no stability, go.lsp.dev/protocol has had no release since 2022.
//
// What the editor sends is bounded: the length of a message, the files that are open, their text.
//
//	conn.go       messages: a header and JSON
//	protocol.go   the parts of the protocol's types that are used
//	server.go     the life of a server, and which function answers which request
//	workspace.go  open files, and projects
//	position.go   lines and columns, as editors count them; addresses of files
//	analysis.go   a project that was read: its trees, its meaning, what is wrong with it
//	occurrence.go every name in a tree, and what it is
//	declared.go   where names are declared
//	diagnose.go   errors and warnings
//	hover.go      what a name means
//	describe.go   types in words
//	words.go      what keywords and types mean
//	complete.go   what may be written next
//	context.go    where in a declaration a place is
//	outline.go    the symbols of a file
//	textmate.go   the grammar
package editor
