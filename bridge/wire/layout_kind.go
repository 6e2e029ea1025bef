package wire

// Kind is the type of an argument and its layout.
type Kind uint8

const (
	KindBool    Kind = iota + 1 // one byte; anything but 0 is true
	KindUint16                  // two bytes
	KindUint32                  // four bytes
	KindString                  // uint16 length, then text
	KindBlob                    // uint16 length, then bytes
	KindChannel                 // [Channel], eight bytes
	KindDoID                    // [DoID], four bytes
	KindZone                    // [Zone], four bytes
	// KindLocation is a [Location], eight bytes: the parent, then the zone. The
	// documents list these as two arguments.
	KindLocation
	KindField  // [FieldID], two bytes
	KindDClass // [DClassID], two bytes
	// KindDatagram is a blob that holds a [Datagram].
	KindDatagram
	// KindClientMessage is a blob that holds a message for a client: a
	// [ClientMsgType] and its payload.
	KindClientMessage

	// KindValue is the packed value of the field that the last KindField
	// named. Only the DC files tell its length.
	KindValue
	// KindRequired holds the packed values of all required fields of the class
	// that the last KindDClass named, in ascending order of field id.
	KindRequired
	// KindRequiredBroadcast holds only those that a client may see.
	KindRequiredBroadcast
	// KindRequiredOwner holds only those that the object's owner may see.
	KindRequiredOwner

	// KindList is a uint16 count, and as many times the list's parts.
	KindList
	// KindIfTrue is a group that follows if the last KindBool was true.
	KindIfTrue
	// KindIfMore is a group that follows if any byte is left. (A single empty
	// value looks like a missing one.)
	KindIfMore
	// KindRepeat is a group that is there again and again, up to the end of the
	// message.
	KindRepeat

	// KindRaw is in no layout. A decoder uses it for bytes that it cannot decode.
	KindRaw
)

// String is the name of k in the documents.
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return "unknown kind"
}

var kindNames = map[Kind]string{
	KindBool:              "bool",
	KindUint16:            "uint16",
	KindUint32:            "uint32",
	KindString:            "string",
	KindBlob:              "blob",
	KindChannel:           "channel",
	KindDoID:              "doId",
	KindZone:              "zone",
	KindLocation:          "location",
	KindField:             "field",
	KindDClass:            "dclass",
	KindDatagram:          "datagram",
	KindClientMessage:     "client message",
	KindValue:             "VALUE",
	KindRequired:          "REQUIRED",
	KindRequiredBroadcast: "REQUIRED_BCAST",
	KindRequiredOwner:     "REQUIRED_BCAST_OR_OWNRECV",
	KindList:              "list",
	KindIfTrue:            "if true",
	KindIfMore:            "if more",
	KindRepeat:            "repeated",
	KindRaw:               "raw",
}
