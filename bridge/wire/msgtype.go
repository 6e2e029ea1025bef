package wire

import "strconv"

// MsgType says what a message inside a cluster means. Client agents and game
// clients speak of [ClientMsgType]s between them, another space of numbers.
type MsgType uint16

// Control messages of a message director (document 19).
const (
	ControlAddChannel       MsgType = 9000 // CONTROL_ADD_CHANNEL
	ControlRemoveChannel    MsgType = 9001 // CONTROL_REMOVE_CHANNEL
	ControlAddRange         MsgType = 9002 // CONTROL_ADD_RANGE
	ControlRemoveRange      MsgType = 9003 // CONTROL_REMOVE_RANGE
	ControlAddPostRemove    MsgType = 9010 // CONTROL_ADD_POST_REMOVE
	ControlClearPostRemoves MsgType = 9011 // CONTROL_CLEAR_POST_REMOVES
	ControlSetConName       MsgType = 9012 // CONTROL_SET_CON_NAME
	ControlSetConURL        MsgType = 9013 // CONTROL_SET_CON_URL
	ControlLogMessage       MsgType = 9014 // CONTROL_LOG_MESSAGE
)

// Client agent messages (document 11).
const (
	ClientAgentSetState              MsgType = 1000 // CLIENTAGENT_SET_STATE
	ClientAgentSetClientID           MsgType = 1001 // CLIENTAGENT_SET_CLIENT_ID
	ClientAgentSendDatagram          MsgType = 1002 // CLIENTAGENT_SEND_DATAGRAM
	ClientAgentEject                 MsgType = 1004 // CLIENTAGENT_EJECT
	ClientAgentDrop                  MsgType = 1005 // CLIENTAGENT_DROP
	ClientAgentGetNetworkAddress     MsgType = 1006 // CLIENTAGENT_GET_NETWORK_ADDRESS
	ClientAgentGetNetworkAddressResp MsgType = 1007 // CLIENTAGENT_GET_NETWORK_ADDRESS_RESP
	ClientAgentDeclareObject         MsgType = 1010 // CLIENTAGENT_DECLARE_OBJECT
	ClientAgentUndeclareObject       MsgType = 1011 // CLIENTAGENT_UNDECLARE_OBJECT
	ClientAgentAddSessionObject      MsgType = 1012 // CLIENTAGENT_ADD_SESSION_OBJECT
	ClientAgentRemoveSessionObject   MsgType = 1013 // CLIENTAGENT_REMOVE_SESSION_OBJECT
	ClientAgentSetFieldsSendable     MsgType = 1014 // CLIENTAGENT_SET_FIELDS_SENDABLE
	ClientAgentGetTLVs               MsgType = 1015 // CLIENTAGENT_GET_TLVS
	ClientAgentGetTLVsResp           MsgType = 1016 // CLIENTAGENT_GET_TLVS_RESP
	ClientAgentClientMessage         MsgType = 1020 // CLIENTAGENT_CLIENT_MESSAGE, natstron's
	ClientAgentOpenChannel           MsgType = 1100 // CLIENTAGENT_OPEN_CHANNEL
	ClientAgentCloseChannel          MsgType = 1101 // CLIENTAGENT_CLOSE_CHANNEL
	ClientAgentAddPostRemove         MsgType = 1110 // CLIENTAGENT_ADD_POST_REMOVE
	ClientAgentClearPostRemoves      MsgType = 1111 // CLIENTAGENT_CLEAR_POST_REMOVES
	ClientAgentAddInterest           MsgType = 1200 // CLIENTAGENT_ADD_INTEREST
	ClientAgentAddInterestMultiple   MsgType = 1201 // CLIENTAGENT_ADD_INTEREST_MULTIPLE
	ClientAgentRemoveInterest        MsgType = 1203 // CLIENTAGENT_REMOVE_INTEREST
	ClientAgentDoneInterestResp      MsgType = 1204 // CLIENTAGENT_DONE_INTEREST_RESP
)

// State server and database-state server messages (document 12).
const (
	StateServerCreateObjectWithRequired             MsgType = 2000 // STATESERVER_CREATE_OBJECT_WITH_REQUIRED
	StateServerCreateObjectWithRequiredOther        MsgType = 2001 // STATESERVER_CREATE_OBJECT_WITH_REQUIRED_OTHER
	StateServerDeleteAIObjects                      MsgType = 2009 // STATESERVER_DELETE_AI_OBJECTS
	StateServerObjectGetField                       MsgType = 2010 // STATESERVER_OBJECT_GET_FIELD
	StateServerObjectGetFieldResp                   MsgType = 2011 // STATESERVER_OBJECT_GET_FIELD_RESP
	StateServerObjectGetFields                      MsgType = 2012 // STATESERVER_OBJECT_GET_FIELDS
	StateServerObjectGetFieldsResp                  MsgType = 2013 // STATESERVER_OBJECT_GET_FIELDS_RESP
	StateServerObjectGetAll                         MsgType = 2014 // STATESERVER_OBJECT_GET_ALL
	StateServerObjectGetAllResp                     MsgType = 2015 // STATESERVER_OBJECT_GET_ALL_RESP
	StateServerObjectNotFound                       MsgType = 2016 // STATESERVER_OBJECT_NOT_FOUND, natstron's
	StateServerObjectSetField                       MsgType = 2020 // STATESERVER_OBJECT_SET_FIELD
	StateServerObjectSetFields                      MsgType = 2021 // STATESERVER_OBJECT_SET_FIELDS
	StateServerObjectDeleteFieldRAM                 MsgType = 2030 // STATESERVER_OBJECT_DELETE_FIELD_RAM
	StateServerObjectDeleteFieldsRAM                MsgType = 2031 // STATESERVER_OBJECT_DELETE_FIELDS_RAM
	StateServerObjectDeleteRAM                      MsgType = 2032 // STATESERVER_OBJECT_DELETE_RAM
	StateServerObjectSetLocation                    MsgType = 2040 // STATESERVER_OBJECT_SET_LOCATION
	StateServerObjectChangingLocation               MsgType = 2041 // STATESERVER_OBJECT_CHANGING_LOCATION
	StateServerObjectEnterLocationWithRequired      MsgType = 2042 // STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED
	StateServerObjectEnterLocationWithRequiredOther MsgType = 2043 // STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED_OTHER
	StateServerObjectGetLocation                    MsgType = 2044 // STATESERVER_OBJECT_GET_LOCATION
	StateServerObjectGetLocationResp                MsgType = 2045 // STATESERVER_OBJECT_GET_LOCATION_RESP
	StateServerObjectLocationAck                    MsgType = 2046 // STATESERVER_OBJECT_LOCATION_ACK
	StateServerObjectSetAI                          MsgType = 2050 // STATESERVER_OBJECT_SET_AI
	StateServerObjectChangingAI                     MsgType = 2051 // STATESERVER_OBJECT_CHANGING_AI
	StateServerObjectEnterAIWithRequired            MsgType = 2052 // STATESERVER_OBJECT_ENTER_AI_WITH_REQUIRED
	StateServerObjectEnterAIWithRequiredOther       MsgType = 2053 // STATESERVER_OBJECT_ENTER_AI_WITH_REQUIRED_OTHER
	StateServerObjectGetAI                          MsgType = 2054 // STATESERVER_OBJECT_GET_AI
	StateServerObjectGetAIResp                      MsgType = 2055 // STATESERVER_OBJECT_GET_AI_RESP
	StateServerObjectSetOwner                       MsgType = 2060 // STATESERVER_OBJECT_SET_OWNER
	StateServerObjectChangingOwner                  MsgType = 2061 // STATESERVER_OBJECT_CHANGING_OWNER
	StateServerObjectEnterOwnerWithRequired         MsgType = 2062 // STATESERVER_OBJECT_ENTER_OWNER_WITH_REQUIRED
	StateServerObjectEnterOwnerWithRequiredOther    MsgType = 2063 // STATESERVER_OBJECT_ENTER_OWNER_WITH_REQUIRED_OTHER
	StateServerObjectGetOwner                       MsgType = 2064 // STATESERVER_OBJECT_GET_OWNER
	StateServerObjectGetOwnerResp                   MsgType = 2065 // STATESERVER_OBJECT_GET_OWNER_RESP
	StateServerObjectEnterInterestWithRequired      MsgType = 2066 // STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED
	StateServerObjectEnterInterestWithRequiredOther MsgType = 2067 // STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED_OTHER
	StateServerObjectGetZoneObjects                 MsgType = 2100 // STATESERVER_OBJECT_GET_ZONE_OBJECTS
	StateServerObjectGetZonesObjects                MsgType = 2102 // STATESERVER_OBJECT_GET_ZONES_OBJECTS
	StateServerObjectGetChildren                    MsgType = 2104 // STATESERVER_OBJECT_GET_CHILDREN
	StateServerObjectGetZoneCount                   MsgType = 2110 // STATESERVER_OBJECT_GET_ZONE_COUNT
	StateServerObjectGetZoneCountResp               MsgType = 2111 // STATESERVER_OBJECT_GET_ZONE_COUNT_RESP
	StateServerObjectGetZonesCount                  MsgType = 2112 // STATESERVER_OBJECT_GET_ZONES_COUNT
	StateServerObjectGetZonesCountResp              MsgType = 2113 // STATESERVER_OBJECT_GET_ZONES_COUNT_RESP
	StateServerObjectGetChildCount                  MsgType = 2114 // STATESERVER_OBJECT_GET_CHILD_COUNT
	StateServerObjectGetChildCountResp              MsgType = 2115 // STATESERVER_OBJECT_GET_CHILD_COUNT_RESP
	StateServerObjectDeleteZone                     MsgType = 2120 // STATESERVER_OBJECT_DELETE_ZONE
	StateServerObjectDeleteZones                    MsgType = 2122 // STATESERVER_OBJECT_DELETE_ZONES
	StateServerObjectDeleteChildren                 MsgType = 2124 // STATESERVER_OBJECT_DELETE_CHILDREN
	StateServerGetActiveZones                       MsgType = 2125 // STATESERVER_GET_ACTIVE_ZONES
	StateServerGetActiveZonesResp                   MsgType = 2126 // STATESERVER_GET_ACTIVE_ZONES_RESP
	DBSSObjectActivateWithDefaults                  MsgType = 2200 // DBSS_OBJECT_ACTIVATE_WITH_DEFAULTS
	DBSSObjectActivateWithDefaultsOther             MsgType = 2201 // DBSS_OBJECT_ACTIVATE_WITH_DEFAULTS_OTHER
	DBSSObjectGetActivated                          MsgType = 2207 // DBSS_OBJECT_GET_ACTIVATED
	DBSSObjectGetActivatedResp                      MsgType = 2208 // DBSS_OBJECT_GET_ACTIVATED_RESP
	DBSSObjectDeleteFieldDisk                       MsgType = 2230 // DBSS_OBJECT_DELETE_FIELD_DISK
	DBSSObjectDeleteFieldsDisk                      MsgType = 2231 // DBSS_OBJECT_DELETE_FIELDS_DISK
	DBSSObjectDeleteDisk                            MsgType = 2232 // DBSS_OBJECT_DELETE_DISK
)

// Database server messages (document 13).
const (
	DBServerCreateObject                MsgType = 3000 // DBSERVER_CREATE_OBJECT
	DBServerCreateObjectResp            MsgType = 3001 // DBSERVER_CREATE_OBJECT_RESP
	DBServerObjectGetField              MsgType = 3010 // DBSERVER_OBJECT_GET_FIELD
	DBServerObjectGetFieldResp          MsgType = 3011 // DBSERVER_OBJECT_GET_FIELD_RESP
	DBServerObjectGetFields             MsgType = 3012 // DBSERVER_OBJECT_GET_FIELDS
	DBServerObjectGetFieldsResp         MsgType = 3013 // DBSERVER_OBJECT_GET_FIELDS_RESP
	DBServerObjectGetAll                MsgType = 3014 // DBSERVER_OBJECT_GET_ALL
	DBServerObjectGetAllResp            MsgType = 3015 // DBSERVER_OBJECT_GET_ALL_RESP
	DBServerObjectSetField              MsgType = 3020 // DBSERVER_OBJECT_SET_FIELD
	DBServerObjectSetFields             MsgType = 3021 // DBSERVER_OBJECT_SET_FIELDS
	DBServerObjectSetFieldIfEquals      MsgType = 3022 // DBSERVER_OBJECT_SET_FIELD_IF_EQUALS
	DBServerObjectSetFieldIfEqualsResp  MsgType = 3023 // DBSERVER_OBJECT_SET_FIELD_IF_EQUALS_RESP
	DBServerObjectSetFieldsIfEquals     MsgType = 3024 // DBSERVER_OBJECT_SET_FIELDS_IF_EQUALS
	DBServerObjectSetFieldsIfEqualsResp MsgType = 3025 // DBSERVER_OBJECT_SET_FIELDS_IF_EQUALS_RESP
	DBServerObjectSetFieldIfEmpty       MsgType = 3026 // DBSERVER_OBJECT_SET_FIELD_IF_EMPTY
	DBServerObjectSetFieldIfEmptyResp   MsgType = 3027 // DBSERVER_OBJECT_SET_FIELD_IF_EMPTY_RESP
	DBServerObjectDeleteField           MsgType = 3030 // DBSERVER_OBJECT_DELETE_FIELD
	DBServerObjectDeleteFields          MsgType = 3031 // DBSERVER_OBJECT_DELETE_FIELDS
	DBServerObjectDelete                MsgType = 3032 // DBSERVER_OBJECT_DELETE
)

// Database server messages that Astron does not have: they name fields and types of
// objects as Disney's servers did (see package natstron/bridge/otp).
const (
	DBServerGetStoredValues        MsgType = 3040 // DBSERVER_GET_STORED_VALUES
	DBServerGetStoredValuesResp    MsgType = 3041 // DBSERVER_GET_STORED_VALUES_RESP
	DBServerSetStoredValues        MsgType = 3042 // DBSERVER_SET_STORED_VALUES
	DBServerCreateStoredObject     MsgType = 3043 // DBSERVER_CREATE_STORED_OBJECT
	DBServerCreateStoredObjectResp MsgType = 3044 // DBSERVER_CREATE_STORED_OBJECT_RESP
	DBServerGenerateObject         MsgType = 3045 // DBSERVER_GENERATE_OBJECT
	DBServerGenerateObjectOther    MsgType = 3046 // DBSERVER_GENERATE_OBJECT_OTHER
	DBServerGenerateObjectResp     MsgType = 3047 // DBSERVER_GENERATE_OBJECT_RESP
)

// String is the reference's name of t, or its number if it has none.
func (t MsgType) String() string {
	if name := t.name(); name != "" {
		return name
	}
	return strconv.Itoa(int(t))
}

// Known says whether t is a message of the protocol, or one of natstron's own.
func (t MsgType) Known() bool { return t.name() != "" }

// MsgTypes are all message types of the protocol, in ascending order.
func MsgTypes() []MsgType {
	var all []MsgType
	for t := MsgType(1); t != 0; t++ {
		if t.Known() {
			all = append(all, t)
		}
	}
	return all
}

func (t MsgType) name() string {
	switch t {
	case ControlAddChannel:
		return "CONTROL_ADD_CHANNEL"
	case ControlRemoveChannel:
		return "CONTROL_REMOVE_CHANNEL"
	case ControlAddRange:
		return "CONTROL_ADD_RANGE"
	case ControlRemoveRange:
		return "CONTROL_REMOVE_RANGE"
	case ControlAddPostRemove:
		return "CONTROL_ADD_POST_REMOVE"
	case ControlClearPostRemoves:
		return "CONTROL_CLEAR_POST_REMOVES"
	case ControlSetConName:
		return "CONTROL_SET_CON_NAME"
	case ControlSetConURL:
		return "CONTROL_SET_CON_URL"
	case ControlLogMessage:
		return "CONTROL_LOG_MESSAGE"
	case ClientAgentSetState:
		return "CLIENTAGENT_SET_STATE"
	case ClientAgentSetClientID:
		return "CLIENTAGENT_SET_CLIENT_ID"
	case ClientAgentSendDatagram:
		return "CLIENTAGENT_SEND_DATAGRAM"
	case ClientAgentEject:
		return "CLIENTAGENT_EJECT"
	case ClientAgentDrop:
		return "CLIENTAGENT_DROP"
	case ClientAgentGetNetworkAddress:
		return "CLIENTAGENT_GET_NETWORK_ADDRESS"
	case ClientAgentGetNetworkAddressResp:
		return "CLIENTAGENT_GET_NETWORK_ADDRESS_RESP"
	case ClientAgentDeclareObject:
		return "CLIENTAGENT_DECLARE_OBJECT"
	case ClientAgentUndeclareObject:
		return "CLIENTAGENT_UNDECLARE_OBJECT"
	case ClientAgentAddSessionObject:
		return "CLIENTAGENT_ADD_SESSION_OBJECT"
	case ClientAgentRemoveSessionObject:
		return "CLIENTAGENT_REMOVE_SESSION_OBJECT"
	case ClientAgentSetFieldsSendable:
		return "CLIENTAGENT_SET_FIELDS_SENDABLE"
	case ClientAgentGetTLVs:
		return "CLIENTAGENT_GET_TLVS"
	case ClientAgentGetTLVsResp:
		return "CLIENTAGENT_GET_TLVS_RESP"
	case ClientAgentClientMessage:
		return "CLIENTAGENT_CLIENT_MESSAGE"
	case ClientAgentOpenChannel:
		return "CLIENTAGENT_OPEN_CHANNEL"
	case ClientAgentCloseChannel:
		return "CLIENTAGENT_CLOSE_CHANNEL"
	case ClientAgentAddPostRemove:
		return "CLIENTAGENT_ADD_POST_REMOVE"
	case ClientAgentClearPostRemoves:
		return "CLIENTAGENT_CLEAR_POST_REMOVES"
	case ClientAgentAddInterest:
		return "CLIENTAGENT_ADD_INTEREST"
	case ClientAgentAddInterestMultiple:
		return "CLIENTAGENT_ADD_INTEREST_MULTIPLE"
	case ClientAgentRemoveInterest:
		return "CLIENTAGENT_REMOVE_INTEREST"
	case ClientAgentDoneInterestResp:
		return "CLIENTAGENT_DONE_INTEREST_RESP"
	case StateServerCreateObjectWithRequired:
		return "STATESERVER_CREATE_OBJECT_WITH_REQUIRED"
	case StateServerCreateObjectWithRequiredOther:
		return "STATESERVER_CREATE_OBJECT_WITH_REQUIRED_OTHER"
	case StateServerDeleteAIObjects:
		return "STATESERVER_DELETE_AI_OBJECTS"
	case StateServerObjectGetField:
		return "STATESERVER_OBJECT_GET_FIELD"
	case StateServerObjectGetFieldResp:
		return "STATESERVER_OBJECT_GET_FIELD_RESP"
	case StateServerObjectGetFields:
		return "STATESERVER_OBJECT_GET_FIELDS"
	case StateServerObjectGetFieldsResp:
		return "STATESERVER_OBJECT_GET_FIELDS_RESP"
	case StateServerObjectGetAll:
		return "STATESERVER_OBJECT_GET_ALL"
	case StateServerObjectGetAllResp:
		return "STATESERVER_OBJECT_GET_ALL_RESP"
	case StateServerObjectNotFound:
		return "STATESERVER_OBJECT_NOT_FOUND"
	case StateServerObjectSetField:
		return "STATESERVER_OBJECT_SET_FIELD"
	case StateServerObjectSetFields:
		return "STATESERVER_OBJECT_SET_FIELDS"
	case StateServerObjectDeleteFieldRAM:
		return "STATESERVER_OBJECT_DELETE_FIELD_RAM"
	case StateServerObjectDeleteFieldsRAM:
		return "STATESERVER_OBJECT_DELETE_FIELDS_RAM"
	case StateServerObjectDeleteRAM:
		return "STATESERVER_OBJECT_DELETE_RAM"
	case StateServerObjectSetLocation:
		return "STATESERVER_OBJECT_SET_LOCATION"
	case StateServerObjectChangingLocation:
		return "STATESERVER_OBJECT_CHANGING_LOCATION"
	case StateServerObjectEnterLocationWithRequired:
		return "STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED"
	case StateServerObjectEnterLocationWithRequiredOther:
		return "STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED_OTHER"
	case StateServerObjectGetLocation:
		return "STATESERVER_OBJECT_GET_LOCATION"
	case StateServerObjectGetLocationResp:
		return "STATESERVER_OBJECT_GET_LOCATION_RESP"
	case StateServerObjectLocationAck:
		return "STATESERVER_OBJECT_LOCATION_ACK"
	case StateServerObjectSetAI:
		return "STATESERVER_OBJECT_SET_AI"
	case StateServerObjectChangingAI:
		return "STATESERVER_OBJECT_CHANGING_AI"
	case StateServerObjectEnterAIWithRequired:
		return "STATESERVER_OBJECT_ENTER_AI_WITH_REQUIRED"
	case StateServerObjectEnterAIWithRequiredOther:
		return "STATESERVER_OBJECT_ENTER_AI_WITH_REQUIRED_OTHER"
	case StateServerObjectGetAI:
		return "STATESERVER_OBJECT_GET_AI"
	case StateServerObjectGetAIResp:
		return "STATESERVER_OBJECT_GET_AI_RESP"
	case StateServerObjectSetOwner:
		return "STATESERVER_OBJECT_SET_OWNER"
	case StateServerObjectChangingOwner:
		return "STATESERVER_OBJECT_CHANGING_OWNER"
	case StateServerObjectEnterOwnerWithRequired:
		return "STATESERVER_OBJECT_ENTER_OWNER_WITH_REQUIRED"
	case StateServerObjectEnterOwnerWithRequiredOther:
		return "STATESERVER_OBJECT_ENTER_OWNER_WITH_REQUIRED_OTHER"
	case StateServerObjectGetOwner:
		return "STATESERVER_OBJECT_GET_OWNER"
	case StateServerObjectGetOwnerResp:
		return "STATESERVER_OBJECT_GET_OWNER_RESP"
	case StateServerObjectEnterInterestWithRequired:
		return "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED"
	case StateServerObjectEnterInterestWithRequiredOther:
		return "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED_OTHER"
	case StateServerObjectGetZoneObjects:
		return "STATESERVER_OBJECT_GET_ZONE_OBJECTS"
	case StateServerObjectGetZonesObjects:
		return "STATESERVER_OBJECT_GET_ZONES_OBJECTS"
	case StateServerObjectGetChildren:
		return "STATESERVER_OBJECT_GET_CHILDREN"
	case StateServerObjectGetZoneCount:
		return "STATESERVER_OBJECT_GET_ZONE_COUNT"
	case StateServerObjectGetZoneCountResp:
		return "STATESERVER_OBJECT_GET_ZONE_COUNT_RESP"
	case StateServerObjectGetZonesCount:
		return "STATESERVER_OBJECT_GET_ZONES_COUNT"
	case StateServerObjectGetZonesCountResp:
		return "STATESERVER_OBJECT_GET_ZONES_COUNT_RESP"
	case StateServerObjectGetChildCount:
		return "STATESERVER_OBJECT_GET_CHILD_COUNT"
	case StateServerObjectGetChildCountResp:
		return "STATESERVER_OBJECT_GET_CHILD_COUNT_RESP"
	case StateServerObjectDeleteZone:
		return "STATESERVER_OBJECT_DELETE_ZONE"
	case StateServerObjectDeleteZones:
		return "STATESERVER_OBJECT_DELETE_ZONES"
	case StateServerObjectDeleteChildren:
		return "STATESERVER_OBJECT_DELETE_CHILDREN"
	case StateServerGetActiveZones:
		return "STATESERVER_GET_ACTIVE_ZONES"
	case StateServerGetActiveZonesResp:
		return "STATESERVER_GET_ACTIVE_ZONES_RESP"
	case DBSSObjectActivateWithDefaults:
		return "DBSS_OBJECT_ACTIVATE_WITH_DEFAULTS"
	case DBSSObjectActivateWithDefaultsOther:
		return "DBSS_OBJECT_ACTIVATE_WITH_DEFAULTS_OTHER"
	case DBSSObjectGetActivated:
		return "DBSS_OBJECT_GET_ACTIVATED"
	case DBSSObjectGetActivatedResp:
		return "DBSS_OBJECT_GET_ACTIVATED_RESP"
	case DBSSObjectDeleteFieldDisk:
		return "DBSS_OBJECT_DELETE_FIELD_DISK"
	case DBSSObjectDeleteFieldsDisk:
		return "DBSS_OBJECT_DELETE_FIELDS_DISK"
	case DBSSObjectDeleteDisk:
		return "DBSS_OBJECT_DELETE_DISK"
	case DBServerCreateObject:
		return "DBSERVER_CREATE_OBJECT"
	case DBServerCreateObjectResp:
		return "DBSERVER_CREATE_OBJECT_RESP"
	case DBServerObjectGetField:
		return "DBSERVER_OBJECT_GET_FIELD"
	case DBServerObjectGetFieldResp:
		return "DBSERVER_OBJECT_GET_FIELD_RESP"
	case DBServerObjectGetFields:
		return "DBSERVER_OBJECT_GET_FIELDS"
	case DBServerObjectGetFieldsResp:
		return "DBSERVER_OBJECT_GET_FIELDS_RESP"
	case DBServerObjectGetAll:
		return "DBSERVER_OBJECT_GET_ALL"
	case DBServerObjectGetAllResp:
		return "DBSERVER_OBJECT_GET_ALL_RESP"
	case DBServerObjectSetField:
		return "DBSERVER_OBJECT_SET_FIELD"
	case DBServerObjectSetFields:
		return "DBSERVER_OBJECT_SET_FIELDS"
	case DBServerObjectSetFieldIfEquals:
		return "DBSERVER_OBJECT_SET_FIELD_IF_EQUALS"
	case DBServerObjectSetFieldIfEqualsResp:
		return "DBSERVER_OBJECT_SET_FIELD_IF_EQUALS_RESP"
	case DBServerObjectSetFieldsIfEquals:
		return "DBSERVER_OBJECT_SET_FIELDS_IF_EQUALS"
	case DBServerObjectSetFieldsIfEqualsResp:
		return "DBSERVER_OBJECT_SET_FIELDS_IF_EQUALS_RESP"
	case DBServerObjectSetFieldIfEmpty:
		return "DBSERVER_OBJECT_SET_FIELD_IF_EMPTY"
	case DBServerObjectSetFieldIfEmptyResp:
		return "DBSERVER_OBJECT_SET_FIELD_IF_EMPTY_RESP"
	case DBServerObjectDeleteField:
		return "DBSERVER_OBJECT_DELETE_FIELD"
	case DBServerObjectDeleteFields:
		return "DBSERVER_OBJECT_DELETE_FIELDS"
	case DBServerObjectDelete:
		return "DBSERVER_OBJECT_DELETE"
	case DBServerGetStoredValues:
		return "DBSERVER_GET_STORED_VALUES"
	case DBServerGetStoredValuesResp:
		return "DBSERVER_GET_STORED_VALUES_RESP"
	case DBServerSetStoredValues:
		return "DBSERVER_SET_STORED_VALUES"
	case DBServerCreateStoredObject:
		return "DBSERVER_CREATE_STORED_OBJECT"
	case DBServerCreateStoredObjectResp:
		return "DBSERVER_CREATE_STORED_OBJECT_RESP"
	case DBServerGenerateObject:
		return "DBSERVER_GENERATE_OBJECT"
	case DBServerGenerateObjectOther:
		return "DBSERVER_GENERATE_OBJECT_OTHER"
	case DBServerGenerateObjectResp:
		return "DBSERVER_GENERATE_OBJECT_RESP"
	}
	return ""
}
