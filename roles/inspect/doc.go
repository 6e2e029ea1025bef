// Package inspect is how an operator looks at a running cluster: questions that every
// process answers for itself, on the backbone, and what the answers say together.
//
//	r, err := inspect.Ask(ctx, ask, inspect.Question{What: inspect.Clients, Find: "10.0.0.7"})
//	v, err := inspect.Why(ctx, ask, client, object) // why does it not see that object?
//
// # The wire
//
// A question is a [Question] in JSON, on the subject <prefix>ctl.ask.inspect; an [Answer] in
// JSON comes to its reply subject from every process. Unknown keys are ignored, and a
// process that does not know what is asked answers nothing but who it is.
//
// # What it costs
//
// An answer has a bounded size. Lists come in pages, whose rows follow a key: the next page
// is asked for with the last key. A process bounds the time that it spends on answers to a
// small part of all time, and looks at its participants in short turns. If too many ask, its
// answer is that it is busy.
package inspect
