// Written from the tables of bridge/wire: go test ./cmd/astrond/internal/dcgen -update

/** The numbers of the messages between a client and its client agent. */
export const Message = {
  /** From client: CLIENT_HELLO(uint32 dc_hash, string version) */
  Hello: 1,
  /** From client agent: CLIENT_HELLO_RESP() */
  HelloResp: 2,
  /** From client: CLIENT_DISCONNECT() */
  Disconnect: 3,
  /** From client agent: CLIENT_EJECT(uint16 error_code, string reason) */
  Eject: 4,
  /** From client: CLIENT_HEARTBEAT() */
  Heartbeat: 5,
  /** From client or client agent: CLIENT_OBJECT_SET_FIELD(doId do_id, field field_id, VALUE value) */
  ObjectSetField: 120,
  /** From client agent: CLIENT_OBJECT_SET_FIELDS(doId do_id, fields×[field field_id, VALUE value]) */
  ObjectSetFields: 121,
  /** From client agent: CLIENT_OBJECT_LEAVING(doId do_id) */
  ObjectLeaving: 132,
  /** From client or client agent: CLIENT_OBJECT_LOCATION(doId do_id, location location) */
  ObjectLocation: 140,
  /** From client agent: CLIENT_ENTER_OBJECT_REQUIRED(doId do_id, location location, dclass dclass_id, REQUIRED_BCAST required) */
  EnterObjectRequired: 142,
  /** From client agent: CLIENT_ENTER_OBJECT_REQUIRED_OTHER(doId do_id, location location, dclass dclass_id, REQUIRED_BCAST required, other×[field field_id, VALUE value]) */
  EnterObjectRequiredOther: 143,
  /** From client agent: CLIENT_OBJECT_LEAVING_OWNER(doId do_id) */
  ObjectLeavingOwner: 161,
  /** From client agent: CLIENT_ENTER_OBJECT_REQUIRED_OWNER(doId do_id, location location, dclass dclass_id, REQUIRED_BCAST_OR_OWNRECV required) */
  EnterObjectRequiredOwner: 172,
  /** From client agent: CLIENT_ENTER_OBJECT_REQUIRED_OTHER_OWNER(doId do_id, location location, dclass dclass_id, REQUIRED_BCAST_OR_OWNRECV required, other×[field field_id, VALUE value]) */
  EnterObjectRequiredOtherOwner: 173,
  /** From client or client agent: CLIENT_ADD_INTEREST(uint32 context, uint16 interest_id, location location) */
  AddInterest: 200,
  /** From client or client agent: CLIENT_ADD_INTEREST_MULTIPLE(uint32 context, uint16 interest_id, doId parent_id, zones×[zone zone_id]) */
  AddInterestMultiple: 201,
  /** From client or client agent: CLIENT_REMOVE_INTEREST(uint32 context, uint16 interest_id) */
  RemoveInterest: 203,
  /** From client agent: CLIENT_DONE_INTEREST_RESP(uint32 context, uint16 interest_id) */
  DoneInterestResp: 204,
  /** From client: CLIENT_GET_RESUME_TOKEN(if more [bool recovers]) */
  GetResumeToken: 6200,
  /** From client agent: CLIENT_RESUME_TOKEN(uint32 within, uint32 acknowledge, blob token) */
  ResumeToken: 6201,
  /** From client: CLIENT_RESUME(uint32 dc_hash, string version, blob token, uint32 received) */
  Resume: 6202,
  /** From client agent: CLIENT_RESUMED(uint32 received, uint32 within, uint32 acknowledge, blob token) */
  Resumed: 6203,
  /** From client or client agent: CLIENT_ACKNOWLEDGE(uint32 received) */
  Acknowledge: 6204,
  /** From client agent: CLIENT_RECONNECT(uint32 after) */
  Reconnect: 6205,
  /** From client agent: CLIENT_RECOVERED(uint32 within, uint32 acknowledge, blob token) */
  Recovered: 6206,
  /** From client: CLIENT_HAVE(bool last, visible×[doId do_id], owned×[doId do_id], waiting×[uint32 context, uint16 interest_id]) */
  Have: 6207,
} as const;

/** What the codes of CLIENT_EJECT mean. A game may have codes of its own. */
export const ejectReasons: { readonly [code: number]: string } = {
  1: "generic",
  100: "logged in elsewhere",
  106: "oversized datagram",
  107: "no hello",
  108: "invalid message type",
  109: "truncated datagram",
  113: "anonymous violation",
  115: "forbidden interest",
  117: "missing object",
  118: "forbidden field",
  119: "forbidden relocate",
  122: "bad credentials",
  124: "bad version",
  125: "bad DC hash",
  126: "administrative access violation",
  127: "field constraint violated",
  151: "logged out by administrator",
  152: "logged out by moderator",
  153: "session object deleted",
  154: "maintenance",
  345: "no heartbeat",
  347: "network write error",
  348: "network read error",
  360: "bad resume token",
  361: "session over",
  362: "session away",
};
