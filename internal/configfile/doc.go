// Package config reads astrond.yml.
//
// [Load] and [Parse] turn the file into a [Config]: typed, with every default
// filled in and every constraint held, so that the rest of the program never
// looks at YAML. The keys are Astron's own (its sections daemon, general,
// uberdogs, messagedirector, roles and web), with the same names, defaults and
// constraints; what is new here is the section backbone and a few limits, which
// [Keys] marks.
//
// # Faults
//
// Reading is strict. An unknown key, a value of the wrong kind, a reversed range
// or two roles on one address is a [Fault], which names its file, line and
// column, the dotted path of the key, what is wrong and what would be right.
// One reading finds them all: the error is an [*Error] that holds every fault,
// in the order of the file. Only what stops the file from being read as YAML at
// all hides the faults after it.
//
// What cannot be told from the file alone is not judged here. Whether a host name
// resolves is found out at the start, whether the files that it names are there
// by [Config.CheckFiles], whether an uberdog's class exists by whoever reads the
// DC files. They report in the same form: [Config.Fault] makes a fault at the
// place of a key.
//
// # Where to start
//
// Every section has a file of its own (messagedirector.go, clientagent.go,
// backbone.go, …) with its struct and, right under it, its table of keys: the
// name, the Go field it fills, its default and its limits, and one line on its
// effect. That table drives the decoder, the messages, [Config.Settings], [Keys]
// and docs/configuration.md. To add a key, add a field and a line.
//
// # Hostile input
//
// Any bytes may be given to Parse. Size, nesting, line length, the number of
// tokens and what aliases expand to are limited before the YAML parser could
// suffer from them, so it answers in bounded time and memory, and it never
// panics. Passwords and tokens are a [Secret] and URLs a [URL]: neither prints
// what should not be seen, and the lines that a fault quotes are masked likewise.
package configfile
