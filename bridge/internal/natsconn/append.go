package natsconn

import "strconv"

// What a client sends, appended to a buffer.

// end ends every line, and every payload.
const end = "\r\n"

// AppendPublish begins a message: its subject must follow, a space and the reply subject if
// there is one, and [AppendPayload].
func AppendPublish(dst []byte) []byte { return append(dst, "PUB "...) }

// AppendPayload ends a message.
func AppendPayload(dst, payload []byte) []byte {
	dst = strconv.AppendInt(append(dst, ' '), int64(len(payload)), 10)
	return append(append(append(dst, end...), payload...), end...)
}

// AppendSubscribe begins a subscription: its subject must follow, and [AppendNumber].
func AppendSubscribe(dst []byte) []byte { return append(dst, "SUB "...) }

// AppendNumber gives a subscription its number.
func AppendNumber(dst []byte, number uint64) []byte {
	return append(strconv.AppendUint(append(dst, ' '), number, 10), end...)
}

// AppendUnsubscribe ends the subscription with a number.
func AppendUnsubscribe(dst []byte, number uint64) []byte {
	return append(strconv.AppendUint(append(dst, "UNSUB "...), number, 10), end...)
}

// AppendPing asks for a PONG, which comes behind all that the server has sent before.
func AppendPing(dst []byte) []byte { return append(dst, "PING"+end...) }

// AppendPong answers a PING.
func AppendPong(dst []byte) []byte { return append(dst, "PONG"+end...) }
