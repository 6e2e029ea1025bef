// A player in a browser: it says hello, is let in, opens an interest and tells the
// first object that it sees. It needs nothing but WebSocket.
function play(url, hash, version, tell) {
	const HELLO = 1, HELLO_RESP = 2, EJECT = 4, SET_FIELD = 120, ENTER = 142, ADD_INTEREST = 200;
	const socket = new WebSocket(url);
	socket.binaryType = "arraybuffer";

	function message(type, ...parts) { // parts are [bytes, value]; a text has its length before it
		let size = 2;
		for (const [bytes, value] of parts) size += bytes || 2 + value.length;
		const view = new DataView(new ArrayBuffer(size));
		view.setUint16(0, type, true);
		let at = 2;
		for (const [bytes, value] of parts) {
			if (bytes === 2) view.setUint16(at, value, true);
			if (bytes === 4) view.setUint32(at, value, true);
			if (!bytes) {
				view.setUint16(at, value.length, true);
				for (let i = 0; i < value.length; i++) view.setUint8(at + 2 + i, value.charCodeAt(i));
			}
			at += bytes || 2 + value.length;
		}
		socket.send(view.buffer);
	}

	socket.onopen = () => message(HELLO, [4, hash], [0, version]);
	socket.onerror = () => tell("no connection to " + url);
	socket.onclose = (e) => tell("the end, " + e.code);
	socket.onmessage = (e) => {
		const view = new DataView(e.data);
		switch (view.getUint16(0, true)) {
		case HELLO_RESP: // to the UberDOG: let me in
			return message(SET_FIELD, [4, 5000], [2, 0], [0, "browser"]);
		case SET_FIELD: // from the UberDOG: come in
			return message(ADD_INTEREST, [4, 1], [2, 1], [4, 10000], [4, 1]);
		case ENTER:
			tell("sees " + view.getUint32(2, true));
			return socket.close();
		case EJECT:
			return tell("ejected with " + view.getUint16(2, true));
		}
	};
}
