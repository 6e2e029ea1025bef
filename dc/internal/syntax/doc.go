// Package syntax reads DC files: it turns text into tokens, and tokens into a
// tree of what was written, with the position of every piece. It knows the
// grammar and nothing of its meaning: whether a name exists, a range fits its
// type or a default suits its parameter is package dc's business.
//
// The grammar is the one of Panda3D's parser (direct/src/dcparser, dcParser.yxx
// and dcLexer.lxx), which all game clients run. Start with [Parser.File]; the
// productions follow in the order of the language: declarations (decl.go),
// fields, types and ranges (field.go), values (value.go).
//
// # Words that become keywords
//
// "keyword x;" makes x a keyword for the rest of this file and of all files
// after it, and a keyword cannot name anything. The set therefore lives in the
// [Parser], which reads the files of one application one after the other.
//
// # Errors
//
// A syntax error does not end the reading. The productions stop consuming
// (the parser is "lost"), and the innermost list of fields or declarations that
// knows where the next one begins goes on from there. All errors of a file are
// reported, up to [MaxErrors].
//
// # Limits
//
// Text is at most [MaxSize] bytes, nesting at most [MaxDepth] levels.
package syntax
