package wire

import (
	"maps"
	"slices"
	"strconv"
)

// MsgType is the type of a message inside a cluster. Between client agents and game
// clients there are [ClientMsgType]s, whose numbers are independent.
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
	ClientAgentSetState               MsgType = 1000 // CLIENTAGENT_SET_STATE
	ClientAgentSetClientID            MsgType = 1001 // CLIENTAGENT_SET_CLIENT_ID
	ClientAgentSendDatagram           MsgType = 1002 // CLIENTAGENT_SEND_DATAGRAM
	ClientAgentEject                  MsgType = 1004 // CLIENTAGENT_EJECT
	ClientAgentDrop                   MsgType = 1005 // CLIENTAGENT_DROP
	ClientAgentGetNetworkAddress      MsgType = 1006 // CLIENTAGENT_GET_NETWORK_ADDRESS
	ClientAgentGetNetworkAddressResp  MsgType = 1007 // CLIENTAGENT_GET_NETWORK_ADDRESS_RESP
	ClientAgentDeclareObject          MsgType = 1010 // CLIENTAGENT_DECLARE_OBJECT
	ClientAgentUndeclareObject        MsgType = 1011 // CLIENTAGENT_UNDECLARE_OBJECT
	ClientAgentAddSessionObject       MsgType = 1012 // CLIENTAGENT_ADD_SESSION_OBJECT
	ClientAgentRemoveSessionObject    MsgType = 1013 // CLIENTAGENT_REMOVE_SESSION_OBJECT
	ClientAgentSetFieldsSendable      MsgType = 1014 // CLIENTAGENT_SET_FIELDS_SENDABLE
	ClientAgentGetTLVs                MsgType = 1015 // CLIENTAGENT_GET_TLVS
	ClientAgentGetTLVsResp            MsgType = 1016 // CLIENTAGENT_GET_TLVS_RESP
	ClientAgentSetObjectRelocatable   MsgType = 1017 // CLIENTAGENT_SET_OBJECT_RELOCATABLE, natstron's
	ClientAgentSetObjectRelocatableTo MsgType = 1018 // CLIENTAGENT_SET_OBJECT_RELOCATABLE_TO, natstron's
	ClientAgentClientMessage          MsgType = 1020 // CLIENTAGENT_CLIENT_MESSAGE, natstron's
	ClientAgentOpenChannel            MsgType = 1100 // CLIENTAGENT_OPEN_CHANNEL
	ClientAgentCloseChannel           MsgType = 1101 // CLIENTAGENT_CLOSE_CHANNEL
	ClientAgentAddPostRemove          MsgType = 1110 // CLIENTAGENT_ADD_POST_REMOVE
	ClientAgentClearPostRemoves       MsgType = 1111 // CLIENTAGENT_CLEAR_POST_REMOVES
	ClientAgentAddInterest            MsgType = 1200 // CLIENTAGENT_ADD_INTEREST
	ClientAgentAddInterestMultiple    MsgType = 1201 // CLIENTAGENT_ADD_INTEREST_MULTIPLE
	ClientAgentRemoveInterest         MsgType = 1203 // CLIENTAGENT_REMOVE_INTEREST
	ClientAgentDoneInterestResp       MsgType = 1204 // CLIENTAGENT_DONE_INTEREST_RESP
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
	StateServerObjectGetClass                       MsgType = 2016 // STATESERVER_OBJECT_GET_CLASS, Ardos'
	StateServerObjectGetClassResp                   MsgType = 2017 // STATESERVER_OBJECT_GET_CLASS_RESP, Ardos'
	StateServerObjectNotFound                       MsgType = 2018 // STATESERVER_OBJECT_NOT_FOUND, natstron's
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

	// These are natstron's: the state server chooses the doId.
	StateServerGenerateObjectWithRequired      MsgType = 2270 // STATESERVER_GENERATE_OBJECT_WITH_REQUIRED
	StateServerGenerateObjectWithRequiredOther MsgType = 2271 // STATESERVER_GENERATE_OBJECT_WITH_REQUIRED_OTHER
	StateServerGenerateObjectResp              MsgType = 2272 // STATESERVER_GENERATE_OBJECT_RESP
	StateServerGenerateObjectOfAI              MsgType = 2273 // STATESERVER_GENERATE_OBJECT_OF_AI
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

// Database server messages that Astron does not have: they use indexes.
const (
	DBServerFindObjects              MsgType = 3050 // DBSERVER_FIND_OBJECTS
	DBServerFindObjectsResp          MsgType = 3051 // DBSERVER_FIND_OBJECTS_RESP
	DBServerCreateObjectIfAbsent     MsgType = 3052 // DBSERVER_CREATE_OBJECT_IF_ABSENT
	DBServerCreateObjectIfAbsentResp MsgType = 3053 // DBSERVER_CREATE_OBJECT_IF_ABSENT_RESP
)

// String is the reference's name of t, or its number if it has none.
func (t MsgType) String() string {
	if name, ok := msgNames[t]; ok {
		return name
	}
	return strconv.Itoa(int(t))
}

// Known reports whether t is a message of the protocol, or one of natstron's own.
func (t MsgType) Known() bool { _, ok := msgNames[t]; return ok }

// MsgTypes are all message types of the protocol, in ascending order.
func MsgTypes() []MsgType { return slices.Sorted(maps.Keys(msgNames)) }

var msgNames = map[MsgType]string{
	ControlAddChannel:                               "CONTROL_ADD_CHANNEL",
	ControlRemoveChannel:                            "CONTROL_REMOVE_CHANNEL",
	ControlAddRange:                                 "CONTROL_ADD_RANGE",
	ControlRemoveRange:                              "CONTROL_REMOVE_RANGE",
	ControlAddPostRemove:                            "CONTROL_ADD_POST_REMOVE",
	ControlClearPostRemoves:                         "CONTROL_CLEAR_POST_REMOVES",
	ControlSetConName:                               "CONTROL_SET_CON_NAME",
	ControlSetConURL:                                "CONTROL_SET_CON_URL",
	ControlLogMessage:                               "CONTROL_LOG_MESSAGE",
	ClientAgentSetState:                             "CLIENTAGENT_SET_STATE",
	ClientAgentSetClientID:                          "CLIENTAGENT_SET_CLIENT_ID",
	ClientAgentSendDatagram:                         "CLIENTAGENT_SEND_DATAGRAM",
	ClientAgentEject:                                "CLIENTAGENT_EJECT",
	ClientAgentDrop:                                 "CLIENTAGENT_DROP",
	ClientAgentGetNetworkAddress:                    "CLIENTAGENT_GET_NETWORK_ADDRESS",
	ClientAgentGetNetworkAddressResp:                "CLIENTAGENT_GET_NETWORK_ADDRESS_RESP",
	ClientAgentDeclareObject:                        "CLIENTAGENT_DECLARE_OBJECT",
	ClientAgentUndeclareObject:                      "CLIENTAGENT_UNDECLARE_OBJECT",
	ClientAgentAddSessionObject:                     "CLIENTAGENT_ADD_SESSION_OBJECT",
	ClientAgentRemoveSessionObject:                  "CLIENTAGENT_REMOVE_SESSION_OBJECT",
	ClientAgentSetFieldsSendable:                    "CLIENTAGENT_SET_FIELDS_SENDABLE",
	ClientAgentGetTLVs:                              "CLIENTAGENT_GET_TLVS",
	ClientAgentGetTLVsResp:                          "CLIENTAGENT_GET_TLVS_RESP",
	ClientAgentSetObjectRelocatable:                 "CLIENTAGENT_SET_OBJECT_RELOCATABLE",
	ClientAgentSetObjectRelocatableTo:               "CLIENTAGENT_SET_OBJECT_RELOCATABLE_TO",
	ClientAgentClientMessage:                        "CLIENTAGENT_CLIENT_MESSAGE",
	ClientAgentOpenChannel:                          "CLIENTAGENT_OPEN_CHANNEL",
	ClientAgentCloseChannel:                         "CLIENTAGENT_CLOSE_CHANNEL",
	ClientAgentAddPostRemove:                        "CLIENTAGENT_ADD_POST_REMOVE",
	ClientAgentClearPostRemoves:                     "CLIENTAGENT_CLEAR_POST_REMOVES",
	ClientAgentAddInterest:                          "CLIENTAGENT_ADD_INTEREST",
	ClientAgentAddInterestMultiple:                  "CLIENTAGENT_ADD_INTEREST_MULTIPLE",
	ClientAgentRemoveInterest:                       "CLIENTAGENT_REMOVE_INTEREST",
	ClientAgentDoneInterestResp:                     "CLIENTAGENT_DONE_INTEREST_RESP",
	StateServerCreateObjectWithRequired:             "STATESERVER_CREATE_OBJECT_WITH_REQUIRED",
	StateServerCreateObjectWithRequiredOther:        "STATESERVER_CREATE_OBJECT_WITH_REQUIRED_OTHER",
	StateServerDeleteAIObjects:                      "STATESERVER_DELETE_AI_OBJECTS",
	StateServerObjectGetField:                       "STATESERVER_OBJECT_GET_FIELD",
	StateServerObjectGetFieldResp:                   "STATESERVER_OBJECT_GET_FIELD_RESP",
	StateServerObjectGetFields:                      "STATESERVER_OBJECT_GET_FIELDS",
	StateServerObjectGetFieldsResp:                  "STATESERVER_OBJECT_GET_FIELDS_RESP",
	StateServerObjectGetAll:                         "STATESERVER_OBJECT_GET_ALL",
	StateServerObjectGetAllResp:                     "STATESERVER_OBJECT_GET_ALL_RESP",
	StateServerObjectGetClass:                       "STATESERVER_OBJECT_GET_CLASS",
	StateServerObjectGetClassResp:                   "STATESERVER_OBJECT_GET_CLASS_RESP",
	StateServerObjectNotFound:                       "STATESERVER_OBJECT_NOT_FOUND",
	StateServerObjectSetField:                       "STATESERVER_OBJECT_SET_FIELD",
	StateServerObjectSetFields:                      "STATESERVER_OBJECT_SET_FIELDS",
	StateServerObjectDeleteFieldRAM:                 "STATESERVER_OBJECT_DELETE_FIELD_RAM",
	StateServerObjectDeleteFieldsRAM:                "STATESERVER_OBJECT_DELETE_FIELDS_RAM",
	StateServerObjectDeleteRAM:                      "STATESERVER_OBJECT_DELETE_RAM",
	StateServerObjectSetLocation:                    "STATESERVER_OBJECT_SET_LOCATION",
	StateServerObjectChangingLocation:               "STATESERVER_OBJECT_CHANGING_LOCATION",
	StateServerObjectEnterLocationWithRequired:      "STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED",
	StateServerObjectEnterLocationWithRequiredOther: "STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED_OTHER",
	StateServerObjectGetLocation:                    "STATESERVER_OBJECT_GET_LOCATION",
	StateServerObjectGetLocationResp:                "STATESERVER_OBJECT_GET_LOCATION_RESP",
	StateServerObjectLocationAck:                    "STATESERVER_OBJECT_LOCATION_ACK",
	StateServerObjectSetAI:                          "STATESERVER_OBJECT_SET_AI",
	StateServerObjectChangingAI:                     "STATESERVER_OBJECT_CHANGING_AI",
	StateServerObjectEnterAIWithRequired:            "STATESERVER_OBJECT_ENTER_AI_WITH_REQUIRED",
	StateServerObjectEnterAIWithRequiredOther:       "STATESERVER_OBJECT_ENTER_AI_WITH_REQUIRED_OTHER",
	StateServerObjectGetAI:                          "STATESERVER_OBJECT_GET_AI",
	StateServerObjectGetAIResp:                      "STATESERVER_OBJECT_GET_AI_RESP",
	StateServerObjectSetOwner:                       "STATESERVER_OBJECT_SET_OWNER",
	StateServerObjectChangingOwner:                  "STATESERVER_OBJECT_CHANGING_OWNER",
	StateServerObjectEnterOwnerWithRequired:         "STATESERVER_OBJECT_ENTER_OWNER_WITH_REQUIRED",
	StateServerObjectEnterOwnerWithRequiredOther:    "STATESERVER_OBJECT_ENTER_OWNER_WITH_REQUIRED_OTHER",
	StateServerObjectGetOwner:                       "STATESERVER_OBJECT_GET_OWNER",
	StateServerObjectGetOwnerResp:                   "STATESERVER_OBJECT_GET_OWNER_RESP",
	StateServerObjectEnterInterestWithRequired:      "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED",
	StateServerObjectEnterInterestWithRequiredOther: "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED_OTHER",
	StateServerObjectGetZoneObjects:                 "STATESERVER_OBJECT_GET_ZONE_OBJECTS",
	StateServerObjectGetZonesObjects:                "STATESERVER_OBJECT_GET_ZONES_OBJECTS",
	StateServerObjectGetChildren:                    "STATESERVER_OBJECT_GET_CHILDREN",
	StateServerObjectGetZoneCount:                   "STATESERVER_OBJECT_GET_ZONE_COUNT",
	StateServerObjectGetZoneCountResp:               "STATESERVER_OBJECT_GET_ZONE_COUNT_RESP",
	StateServerObjectGetZonesCount:                  "STATESERVER_OBJECT_GET_ZONES_COUNT",
	StateServerObjectGetZonesCountResp:              "STATESERVER_OBJECT_GET_ZONES_COUNT_RESP",
	StateServerObjectGetChildCount:                  "STATESERVER_OBJECT_GET_CHILD_COUNT",
	StateServerObjectGetChildCountResp:              "STATESERVER_OBJECT_GET_CHILD_COUNT_RESP",
	StateServerObjectDeleteZone:                     "STATESERVER_OBJECT_DELETE_ZONE",
	StateServerObjectDeleteZones:                    "STATESERVER_OBJECT_DELETE_ZONES",
	StateServerObjectDeleteChildren:                 "STATESERVER_OBJECT_DELETE_CHILDREN",
	StateServerGetActiveZones:                       "STATESERVER_GET_ACTIVE_ZONES",
	StateServerGetActiveZonesResp:                   "STATESERVER_GET_ACTIVE_ZONES_RESP",
	DBSSObjectActivateWithDefaults:                  "DBSS_OBJECT_ACTIVATE_WITH_DEFAULTS",
	DBSSObjectActivateWithDefaultsOther:             "DBSS_OBJECT_ACTIVATE_WITH_DEFAULTS_OTHER",
	DBSSObjectGetActivated:                          "DBSS_OBJECT_GET_ACTIVATED",
	DBSSObjectGetActivatedResp:                      "DBSS_OBJECT_GET_ACTIVATED_RESP",
	DBSSObjectDeleteFieldDisk:                       "DBSS_OBJECT_DELETE_FIELD_DISK",
	DBSSObjectDeleteFieldsDisk:                      "DBSS_OBJECT_DELETE_FIELDS_DISK",
	DBSSObjectDeleteDisk:                            "DBSS_OBJECT_DELETE_DISK",
	StateServerGenerateObjectWithRequired:           "STATESERVER_GENERATE_OBJECT_WITH_REQUIRED",
	StateServerGenerateObjectWithRequiredOther:      "STATESERVER_GENERATE_OBJECT_WITH_REQUIRED_OTHER",
	StateServerGenerateObjectResp:                   "STATESERVER_GENERATE_OBJECT_RESP",
	StateServerGenerateObjectOfAI:                   "STATESERVER_GENERATE_OBJECT_OF_AI",
	DBServerCreateObject:                            "DBSERVER_CREATE_OBJECT",
	DBServerCreateObjectResp:                        "DBSERVER_CREATE_OBJECT_RESP",
	DBServerObjectGetField:                          "DBSERVER_OBJECT_GET_FIELD",
	DBServerObjectGetFieldResp:                      "DBSERVER_OBJECT_GET_FIELD_RESP",
	DBServerObjectGetFields:                         "DBSERVER_OBJECT_GET_FIELDS",
	DBServerObjectGetFieldsResp:                     "DBSERVER_OBJECT_GET_FIELDS_RESP",
	DBServerObjectGetAll:                            "DBSERVER_OBJECT_GET_ALL",
	DBServerObjectGetAllResp:                        "DBSERVER_OBJECT_GET_ALL_RESP",
	DBServerObjectSetField:                          "DBSERVER_OBJECT_SET_FIELD",
	DBServerObjectSetFields:                         "DBSERVER_OBJECT_SET_FIELDS",
	DBServerObjectSetFieldIfEquals:                  "DBSERVER_OBJECT_SET_FIELD_IF_EQUALS",
	DBServerObjectSetFieldIfEqualsResp:              "DBSERVER_OBJECT_SET_FIELD_IF_EQUALS_RESP",
	DBServerObjectSetFieldsIfEquals:                 "DBSERVER_OBJECT_SET_FIELDS_IF_EQUALS",
	DBServerObjectSetFieldsIfEqualsResp:             "DBSERVER_OBJECT_SET_FIELDS_IF_EQUALS_RESP",
	DBServerObjectSetFieldIfEmpty:                   "DBSERVER_OBJECT_SET_FIELD_IF_EMPTY",
	DBServerObjectSetFieldIfEmptyResp:               "DBSERVER_OBJECT_SET_FIELD_IF_EMPTY_RESP",
	DBServerObjectDeleteField:                       "DBSERVER_OBJECT_DELETE_FIELD",
	DBServerObjectDeleteFields:                      "DBSERVER_OBJECT_DELETE_FIELDS",
	DBServerObjectDelete:                            "DBSERVER_OBJECT_DELETE",
	DBServerGetStoredValues:                         "DBSERVER_GET_STORED_VALUES",
	DBServerGetStoredValuesResp:                     "DBSERVER_GET_STORED_VALUES_RESP",
	DBServerSetStoredValues:                         "DBSERVER_SET_STORED_VALUES",
	DBServerCreateStoredObject:                      "DBSERVER_CREATE_STORED_OBJECT",
	DBServerCreateStoredObjectResp:                  "DBSERVER_CREATE_STORED_OBJECT_RESP",
	DBServerGenerateObject:                          "DBSERVER_GENERATE_OBJECT",
	DBServerGenerateObjectOther:                     "DBSERVER_GENERATE_OBJECT_OTHER",
	DBServerGenerateObjectResp:                      "DBSERVER_GENERATE_OBJECT_RESP",
	DBServerFindObjects:                             "DBSERVER_FIND_OBJECTS",
	DBServerFindObjectsResp:                         "DBSERVER_FIND_OBJECTS_RESP",
	DBServerCreateObjectIfAbsent:                    "DBSERVER_CREATE_OBJECT_IF_ABSENT",
	DBServerCreateObjectIfAbsentResp:                "DBSERVER_CREATE_OBJECT_IF_ABSENT_RESP",
}
