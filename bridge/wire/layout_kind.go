package wire

// Kind says what an argument is and how it is laid out.
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
	// documents list the two as arguments of their own.
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
	// KindIfTrue is a group that is there if the last KindBool was true.
	KindIfTrue
	// KindIfMore is a group that is there if any byte is left. (A lone value of
	// no bytes looks like none.)
	KindIfMore
	// KindRepeat is a group that is there again and again, up to the end of the
	// message.
	KindRepeat

	// KindRaw is in no layout: a decoder yields it for bytes that it cannot
	// take apart.
	KindRaw
)

// String is the document's word for k.
func (k Kind) String() string {
	switch k {
	case KindBool:
		return "bool"
	case KindUint16:
		return "uint16"
	case KindUint32:
		return "uint32"
	case KindString:
		return "string"
	case KindBlob:
		return "blob"
	case KindChannel:
		return "channel"
	case KindDoID:
		return "doId"
	case KindZone:
		return "zone"
	case KindLocation:
		return "location"
	case KindField:
		return "field"
	case KindDClass:
		return "dclass"
	case KindDatagram:
		return "datagram"
	case KindClientMessage:
		return "client message"
	case KindValue:
		return "VALUE"
	case KindRequired:
		return "REQUIRED"
	case KindRequiredBroadcast:
		return "REQUIRED_BCAST"
	case KindRequiredOwner:
		return "REQUIRED_BCAST_OR_OWNRECV"
	case KindList:
		return "list"
	case KindIfTrue:
		return "if true"
	case KindIfMore:
		return "if more"
	case KindRepeat:
		return "repeated"
	case KindRaw:
		return "raw"
	}
	return "unknown kind"
}
