package protocol

import "natstron/internal/wire"

// Client messages (document 10, section 3). ClientObjectLeavingOwner is in no
// document; its number and layout are what the reference sends.
const (
	ClientHello                         = wire.ClientHello
	ClientHelloResp                     = wire.ClientHelloResp
	ClientDisconnect                    = wire.ClientDisconnect
	ClientEject                         = wire.ClientEject
	ClientHeartbeat                     = wire.ClientHeartbeat
	ClientObjectSetField                = wire.ClientObjectSetField
	ClientObjectSetFields               = wire.ClientObjectSetFields
	ClientObjectLeaving                 = wire.ClientObjectLeaving
	ClientObjectLocation                = wire.ClientObjectLocation
	ClientEnterObjectRequired           = wire.ClientEnterObjectRequired
	ClientEnterObjectRequiredOther      = wire.ClientEnterObjectRequiredOther
	ClientObjectLeavingOwner            = wire.ClientObjectLeavingOwner
	ClientEnterObjectRequiredOwner      = wire.ClientEnterObjectRequiredOwner
	ClientEnterObjectRequiredOtherOwner = wire.ClientEnterObjectRequiredOtherOwner
	ClientAddInterest                   = wire.ClientAddInterest
	ClientAddInterestMultiple           = wire.ClientAddInterestMultiple
	ClientRemoveInterest                = wire.ClientRemoveInterest
	ClientDoneInterestResp              = wire.ClientDoneInterestResp
)

// Control messages of a message director (document 19).
const (
	ControlAddChannel       = wire.ControlAddChannel
	ControlRemoveChannel    = wire.ControlRemoveChannel
	ControlAddRange         = wire.ControlAddRange
	ControlRemoveRange      = wire.ControlRemoveRange
	ControlAddPostRemove    = wire.ControlAddPostRemove
	ControlClearPostRemoves = wire.ControlClearPostRemoves
	ControlSetConName       = wire.ControlSetConName
	ControlSetConURL        = wire.ControlSetConURL
	ControlLogMessage       = wire.ControlLogMessage
)

// Client agent messages (document 11).
const (
	ClientAgentSetState              = wire.ClientAgentSetState
	ClientAgentSetClientID           = wire.ClientAgentSetClientID
	ClientAgentSendDatagram          = wire.ClientAgentSendDatagram
	ClientAgentEject                 = wire.ClientAgentEject
	ClientAgentDrop                  = wire.ClientAgentDrop
	ClientAgentGetNetworkAddress     = wire.ClientAgentGetNetworkAddress
	ClientAgentGetNetworkAddressResp = wire.ClientAgentGetNetworkAddressResp
	ClientAgentDeclareObject         = wire.ClientAgentDeclareObject
	ClientAgentUndeclareObject       = wire.ClientAgentUndeclareObject
	ClientAgentAddSessionObject      = wire.ClientAgentAddSessionObject
	ClientAgentRemoveSessionObject   = wire.ClientAgentRemoveSessionObject
	ClientAgentSetFieldsSendable     = wire.ClientAgentSetFieldsSendable
	ClientAgentGetTLVs               = wire.ClientAgentGetTLVs
	ClientAgentGetTLVsResp           = wire.ClientAgentGetTLVsResp
	ClientAgentOpenChannel           = wire.ClientAgentOpenChannel
	ClientAgentCloseChannel          = wire.ClientAgentCloseChannel
	ClientAgentAddPostRemove         = wire.ClientAgentAddPostRemove
	ClientAgentClearPostRemoves      = wire.ClientAgentClearPostRemoves
	ClientAgentAddInterest           = wire.ClientAgentAddInterest
	ClientAgentAddInterestMultiple   = wire.ClientAgentAddInterestMultiple
	ClientAgentRemoveInterest        = wire.ClientAgentRemoveInterest
	ClientAgentDoneInterestResp      = wire.ClientAgentDoneInterestResp
)

// State server and database-state server messages (document 12).
const (
	StateServerCreateObjectWithRequired             = wire.StateServerCreateObjectWithRequired
	StateServerCreateObjectWithRequiredOther        = wire.StateServerCreateObjectWithRequiredOther
	StateServerDeleteAIObjects                      = wire.StateServerDeleteAIObjects
	StateServerObjectGetField                       = wire.StateServerObjectGetField
	StateServerObjectGetFieldResp                   = wire.StateServerObjectGetFieldResp
	StateServerObjectGetFields                      = wire.StateServerObjectGetFields
	StateServerObjectGetFieldsResp                  = wire.StateServerObjectGetFieldsResp
	StateServerObjectGetAll                         = wire.StateServerObjectGetAll
	StateServerObjectGetAllResp                     = wire.StateServerObjectGetAllResp
	StateServerObjectSetField                       = wire.StateServerObjectSetField
	StateServerObjectSetFields                      = wire.StateServerObjectSetFields
	StateServerObjectDeleteFieldRAM                 = wire.StateServerObjectDeleteFieldRAM
	StateServerObjectDeleteFieldsRAM                = wire.StateServerObjectDeleteFieldsRAM
	StateServerObjectDeleteRAM                      = wire.StateServerObjectDeleteRAM
	StateServerObjectSetLocation                    = wire.StateServerObjectSetLocation
	StateServerObjectChangingLocation               = wire.StateServerObjectChangingLocation
	StateServerObjectEnterLocationWithRequired      = wire.StateServerObjectEnterLocationWithRequired
	StateServerObjectEnterLocationWithRequiredOther = wire.StateServerObjectEnterLocationWithRequiredOther
	StateServerObjectGetLocation                    = wire.StateServerObjectGetLocation
	StateServerObjectGetLocationResp                = wire.StateServerObjectGetLocationResp
	StateServerObjectLocationAck                    = wire.StateServerObjectLocationAck
	StateServerObjectSetAI                          = wire.StateServerObjectSetAI
	StateServerObjectChangingAI                     = wire.StateServerObjectChangingAI
	StateServerObjectEnterAIWithRequired            = wire.StateServerObjectEnterAIWithRequired
	StateServerObjectEnterAIWithRequiredOther       = wire.StateServerObjectEnterAIWithRequiredOther
	StateServerObjectGetAI                          = wire.StateServerObjectGetAI
	StateServerObjectGetAIResp                      = wire.StateServerObjectGetAIResp
	StateServerObjectSetOwner                       = wire.StateServerObjectSetOwner
	StateServerObjectChangingOwner                  = wire.StateServerObjectChangingOwner
	StateServerObjectEnterOwnerWithRequired         = wire.StateServerObjectEnterOwnerWithRequired
	StateServerObjectEnterOwnerWithRequiredOther    = wire.StateServerObjectEnterOwnerWithRequiredOther
	StateServerObjectGetOwner                       = wire.StateServerObjectGetOwner
	StateServerObjectGetOwnerResp                   = wire.StateServerObjectGetOwnerResp
	StateServerObjectEnterInterestWithRequired      = wire.StateServerObjectEnterInterestWithRequired
	StateServerObjectEnterInterestWithRequiredOther = wire.StateServerObjectEnterInterestWithRequiredOther
	StateServerObjectGetZoneObjects                 = wire.StateServerObjectGetZoneObjects
	StateServerObjectGetZonesObjects                = wire.StateServerObjectGetZonesObjects
	StateServerObjectGetChildren                    = wire.StateServerObjectGetChildren
	StateServerObjectGetZoneCount                   = wire.StateServerObjectGetZoneCount
	StateServerObjectGetZoneCountResp               = wire.StateServerObjectGetZoneCountResp
	StateServerObjectGetZonesCount                  = wire.StateServerObjectGetZonesCount
	StateServerObjectGetZonesCountResp              = wire.StateServerObjectGetZonesCountResp
	StateServerObjectGetChildCount                  = wire.StateServerObjectGetChildCount
	StateServerObjectGetChildCountResp              = wire.StateServerObjectGetChildCountResp
	StateServerObjectDeleteZone                     = wire.StateServerObjectDeleteZone
	StateServerObjectDeleteZones                    = wire.StateServerObjectDeleteZones
	StateServerObjectDeleteChildren                 = wire.StateServerObjectDeleteChildren
	StateServerGetActiveZones                       = wire.StateServerGetActiveZones
	StateServerGetActiveZonesResp                   = wire.StateServerGetActiveZonesResp
	DBSSObjectActivateWithDefaults                  = wire.DBSSObjectActivateWithDefaults
	DBSSObjectActivateWithDefaultsOther             = wire.DBSSObjectActivateWithDefaultsOther
	DBSSObjectGetActivated                          = wire.DBSSObjectGetActivated
	DBSSObjectGetActivatedResp                      = wire.DBSSObjectGetActivatedResp
	DBSSObjectDeleteFieldDisk                       = wire.DBSSObjectDeleteFieldDisk
	DBSSObjectDeleteFieldsDisk                      = wire.DBSSObjectDeleteFieldsDisk
	DBSSObjectDeleteDisk                            = wire.DBSSObjectDeleteDisk
)

// Database server messages (document 13).
const (
	DBServerCreateObject                = wire.DBServerCreateObject
	DBServerCreateObjectResp            = wire.DBServerCreateObjectResp
	DBServerObjectGetField              = wire.DBServerObjectGetField
	DBServerObjectGetFieldResp          = wire.DBServerObjectGetFieldResp
	DBServerObjectGetFields             = wire.DBServerObjectGetFields
	DBServerObjectGetFieldsResp         = wire.DBServerObjectGetFieldsResp
	DBServerObjectGetAll                = wire.DBServerObjectGetAll
	DBServerObjectGetAllResp            = wire.DBServerObjectGetAllResp
	DBServerObjectSetField              = wire.DBServerObjectSetField
	DBServerObjectSetFields             = wire.DBServerObjectSetFields
	DBServerObjectSetFieldIfEquals      = wire.DBServerObjectSetFieldIfEquals
	DBServerObjectSetFieldIfEqualsResp  = wire.DBServerObjectSetFieldIfEqualsResp
	DBServerObjectSetFieldsIfEquals     = wire.DBServerObjectSetFieldsIfEquals
	DBServerObjectSetFieldsIfEqualsResp = wire.DBServerObjectSetFieldsIfEqualsResp
	DBServerObjectSetFieldIfEmpty       = wire.DBServerObjectSetFieldIfEmpty
	DBServerObjectSetFieldIfEmptyResp   = wire.DBServerObjectSetFieldIfEmptyResp
	DBServerObjectDeleteField           = wire.DBServerObjectDeleteField
	DBServerObjectDeleteFields          = wire.DBServerObjectDeleteFields
	DBServerObjectDelete                = wire.DBServerObjectDelete
)

// Codes that a client agent sends by itself (document 10, section 4.1).
const (
	EjectGeneric              = wire.EjectGeneric
	EjectOversizedDatagram    = wire.EjectOversizedDatagram
	EjectNoHello              = wire.EjectNoHello
	EjectInvalidMsgType       = wire.EjectInvalidMsgType
	EjectTruncatedDatagram    = wire.EjectTruncatedDatagram
	EjectAnonymousViolation   = wire.EjectAnonymousViolation
	EjectForbiddenInterest    = wire.EjectForbiddenInterest
	EjectMissingObject        = wire.EjectMissingObject
	EjectForbiddenField       = wire.EjectForbiddenField
	EjectForbiddenRelocate    = wire.EjectForbiddenRelocate
	EjectBadVersion           = wire.EjectBadVersion
	EjectBadDCHash            = wire.EjectBadDCHash
	EjectFieldConstraint      = wire.EjectFieldConstraint
	EjectSessionObjectDeleted = wire.EjectSessionObjectDeleted
	EjectNoHeartbeat          = wire.EjectNoHeartbeat
	EjectWriteError           = wire.EjectWriteError
	EjectReadError            = wire.EjectReadError
)

// Codes that are reserved for the game, which sends them with
// CLIENTAGENT_EJECT (document 10, section 4.2).
const (
	EjectLoggedInElsewhere = wire.EjectLoggedInElsewhere
	EjectBadCredentials    = wire.EjectBadCredentials
	EjectAdminViolation    = wire.EjectAdminViolation
	EjectByAdmin           = wire.EjectByAdmin
	EjectByModerator       = wire.EjectByModerator
	EjectMaintenance       = wire.EjectMaintenance
)

// Channels and identifiers with a meaning of their own (protocol document 00,
// section 5).
const (
	InvalidChannel        = wire.InvalidChannel
	ControlChannel        = wire.ControlChannel
	BroadcastClients      = wire.BroadcastClients
	BroadcastStateServers = wire.BroadcastStateServers
	BroadcastDBServers    = wire.BroadcastDBServers
	LastReservedChannel   = wire.LastReservedChannel
	MaxChannel            = wire.MaxChannel
	InvalidDoID           = wire.InvalidDoID
	LastReservedDoID      = wire.LastReservedDoID
	MaxDoID               = wire.MaxDoID
)
