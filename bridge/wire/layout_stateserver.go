package wire

// stateServerLayouts are the messages of state servers, of their objects, and of
// the database-state server (document 12). "object" is an object's own channel,
// [DoID.Channel]; "children" its [DoID.ChildrenChannel]; "location" the channel
// of a [Location].
var stateServerLayouts = map[MsgType]Layout{
	StateServerCreateObjectWithRequired: {
		Source: "12, section 1", From: "AI or UberDOG", To: "state server",
		parts: object(KindRequired),
	},
	StateServerCreateObjectWithRequiredOther: {
		Source: "12, section 1", From: "AI or UberDOG", To: "state server",
		parts: objectOther(KindRequired),
	},
	StateServerGenerateObjectWithRequired: {
		Source: "natstron", From: "AI or UberDOG", To: "state server, which chooses the doId",
		parts: context(object(KindRequired)[1:]...),
	},
	StateServerGenerateObjectWithRequiredOther: {
		Source: "natstron", From: "AI or UberDOG", To: "state server, which chooses the doId",
		parts: context(objectOther(KindRequired)[1:]...),
	},
	StateServerGenerateObjectResp: {
		Source: "natstron", From: "state server", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"problem", KindString, nil}),
	},
	StateServerDeleteAIObjects: {
		Source: "12, section 1", From: "AI, usually as a post-remove", To: "state server, which passes it to the objects",
		parts: []Part{{"ai_channel", KindChannel, nil}},
	},

	StateServerObjectGetField: {
		Source: "12, section 2.1", From: "anyone", To: "object",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"field_id", KindField, nil}),
	},
	StateServerObjectGetFieldResp: {
		Source: "12, section 2.1", From: "object", To: "the asker",
		parts: context(Part{"success", KindBool, nil}, ifTrue(fieldValue()...)),
	},
	StateServerObjectGetFields: {
		Source: "12, section 2.1", From: "anyone", To: "object",
		parts: context(Part{"do_id", KindDoID, nil}, fieldIDs()),
	},
	StateServerObjectGetFieldsResp: {
		Source: "12, section 2.1", From: "object", To: "the asker",
		parts: context(Part{"success", KindBool, nil}, ifTrue(fieldValues("fields"))),
	},
	StateServerObjectGetAll: {
		Source: "12, section 2.1", From: "anyone", To: "object",
		parts: context(Part{"do_id", KindDoID, nil}),
	},
	StateServerObjectGetAllResp: {
		Source: "12, section 2.1", From: "object", To: "the asker",
		parts: context(objectOther(KindRequired)...),
	},
	StateServerObjectGetClass: {
		Source: "Ardos", From: "anyone", To: "object",
		parts: context(),
	},
	StateServerObjectGetClassResp: {
		Source: "Ardos", From: "object", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"dclass_id", KindDClass, nil}),
	},
	StateServerObjectNotFound: {
		Source: "natstron", From: "state server", To: "the sender of a DELETE_RAM, whose object does not exist any more",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	StateServerObjectSetField: {
		Source: "12, section 2.1", From: "anyone", To: "object, which passes it to its location, AI and owner",
		parts: append([]Part{{"do_id", KindDoID, nil}}, fieldValue()...),
	},
	StateServerObjectSetFields: {
		Source: "12, section 2.1", From: "anyone", To: "object",
		parts: []Part{{"do_id", KindDoID, nil}, fieldValues("fields")},
	},
	// The document gives it a VALUE, the protocol's summary table and its plural
	// do not; so a value may follow.
	StateServerObjectDeleteFieldRAM: {
		Source: "12, section 2.1", From: "anyone", To: "object, which passes it to its location, AI and owner",
		parts: []Part{
			{"do_id", KindDoID, nil}, {"field_id", KindField, nil},
			ifMore(Part{"value", KindValue, nil}),
		},
	},
	StateServerObjectDeleteFieldsRAM: {
		Source: "12, section 2.1", From: "anyone", To: "object, which passes it to its location, AI and owner",
		parts: []Part{{"do_id", KindDoID, nil}, fieldIDs()},
	},
	StateServerObjectDeleteRAM: {
		Source: "12, section 2.1", From: "anyone", To: "object, which passes it to its location, AI and owner",
		parts: []Part{{"do_id", KindDoID, nil}},
	},

	StateServerObjectSetLocation: {
		Source: "12, section 2.2", From: "anyone", To: "object",
		parts: []Part{{"location", KindLocation, nil}},
	},
	StateServerObjectChangingLocation: {
		Source: "12, section 2.2", From: "object", To: "AI, owner, old parent, old location, new parent",
		parts: []Part{
			{"do_id", KindDoID, nil},
			{"new_location", KindLocation, nil}, {"old_location", KindLocation, nil},
		},
	},
	StateServerObjectEnterLocationWithRequired: {
		Source: "12, section 2.2", From: "object", To: "location, or who asked for the zone's objects",
		parts: object(KindRequiredBroadcast),
	},
	StateServerObjectEnterLocationWithRequiredOther: {
		Source: "12, section 2.2", From: "object", To: "location, or who asked for the zone's objects",
		parts: objectOther(KindRequiredBroadcast),
	},
	StateServerObjectEnterInterestWithRequired: {
		Source: "12, section 2.2", From: "object", To: "who asked for the zone's objects",
		parts: context(object(KindRequiredBroadcast)...),
	},
	StateServerObjectEnterInterestWithRequiredOther: {
		Source: "12, section 2.2", From: "object", To: "who asked for the zone's objects",
		parts: context(objectOther(KindRequiredBroadcast)...),
	},
	StateServerObjectGetLocation: {
		Source: "12, section 2.2", From: "anyone, or a new object with context 1001", To: "object, or children",
		parts: context(),
	},
	StateServerObjectGetLocationResp: {
		Source: "12, section 2.2", From: "object", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"location", KindLocation, nil}),
	},
	StateServerObjectLocationAck: {
		Source: "12, section 2.2", From: "parent object", To: "object that came",
		parts: []Part{{"location", KindLocation, nil}},
	},
	StateServerObjectSetAI: {
		Source: "12, section 2.2", From: "AI or UberDOG", To: "object",
		parts: []Part{{"ai_channel", KindChannel, nil}},
	},
	StateServerObjectChangingAI: {
		Source: "12, section 2.2", From: "object", To: "old AI and children",
		parts: []Part{
			{"do_id", KindDoID, nil},
			{"new_ai_channel", KindChannel, nil}, {"old_ai_channel", KindChannel, nil},
		},
	},
	StateServerObjectEnterAIWithRequired: {
		Source: "12, section 2.2", From: "object", To: "new AI",
		parts: object(KindRequired),
	},
	StateServerObjectEnterAIWithRequiredOther: {
		Source: "12, section 2.2", From: "object", To: "new AI",
		parts: objectOther(KindRequired),
	},
	StateServerObjectGetAI: {
		Source: "12, section 2.2", From: "anyone, or an object with a new parent", To: "object",
		parts: context(),
	},
	StateServerObjectGetAIResp: {
		Source: "12, section 2.2", From: "object", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"ai_channel", KindChannel, nil}),
	},
	StateServerObjectSetOwner: {
		Source: "12, section 2.2", From: "AI or UberDOG", To: "object",
		parts: []Part{{"owner_channel", KindChannel, nil}},
	},
	StateServerObjectChangingOwner: {
		Source: "12, section 2.2", From: "object", To: "old owner",
		parts: []Part{
			{"do_id", KindDoID, nil},
			{"new_owner_channel", KindChannel, nil}, {"old_owner_channel", KindChannel, nil},
		},
	},
	StateServerObjectEnterOwnerWithRequired: {
		Source: "12, section 2.2", From: "object", To: "new owner",
		parts: object(KindRequiredOwner),
	},
	StateServerObjectEnterOwnerWithRequiredOther: {
		Source: "12, section 2.2", From: "object", To: "new owner",
		parts: objectOther(KindRequiredOwner),
	},
	// Document 12 has neither of the two; the protocol's summary table has.
	StateServerObjectGetOwner: {
		Source: "the protocol's summary table, visibility messages", From: "anyone", To: "object",
		parts: context(),
	},
	StateServerObjectGetOwnerResp: {
		Source: "the protocol's summary table, visibility messages", From: "object", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"owner_channel", KindChannel, nil}),
	},

	// The document names parent and zone, the summary table the zone alone. The
	// reference, and so the cluster, reads both.
	StateServerObjectGetZoneObjects: {
		Source: "12, section 2.3", From: "anyone", To: "parent object",
		parts: context(Part{"location", KindLocation, nil}),
	},
	StateServerObjectGetZonesObjects: {
		Source: "12, section 2.3", From: "anyone", To: "parent object, which passes it to its children",
		parts: context(Part{"parent_id", KindDoID, nil}, zones()),
	},
	StateServerObjectGetChildren: {
		Source: "12, section 2.3", From: "anyone", To: "parent object, which passes it to its children",
		parts: context(Part{"parent_id", KindDoID, nil}),
	},
	StateServerObjectGetZoneCount: {
		Source: "12, section 2.3", From: "anyone", To: "parent object",
		parts: context(Part{"location", KindLocation, nil}),
	},
	StateServerObjectGetZoneCountResp: {
		Source: "12, section 2.3", From: "parent object", To: "the asker",
		parts: context(Part{"object_count", KindUint32, nil}),
	},
	StateServerObjectGetZonesCount: {
		Source: "12, section 2.3", From: "anyone", To: "parent object",
		parts: context(Part{"parent_id", KindDoID, nil}, zones()),
	},
	// It answers GET_ZONE_OBJECTS and GET_ZONES_OBJECTS too.
	StateServerObjectGetZonesCountResp: {
		Source: "12, section 2.3", From: "parent object", To: "the asker",
		parts: context(Part{"object_count", KindUint32, nil}),
	},
	StateServerObjectGetChildCount: {
		Source: "12, section 2.3", From: "anyone", To: "parent object",
		parts: context(Part{"parent_id", KindDoID, nil}),
	},
	StateServerObjectGetChildCountResp: {
		Source: "12, section 2.3", From: "parent object", To: "the asker",
		parts: context(Part{"object_count", KindUint32, nil}),
	},
	StateServerObjectDeleteZone: {
		Source: "12, section 2.3", From: "anyone", To: "parent object, which passes it to its children",
		parts: []Part{{"location", KindLocation, nil}},
	},
	StateServerObjectDeleteZones: {
		Source: "12, section 2.3", From: "anyone", To: "parent object, which passes it to its children",
		parts: []Part{{"parent_id", KindDoID, nil}, zones()},
	},
	StateServerObjectDeleteChildren: {
		Source: "12, section 2.3", From: "anyone", To: "parent object, which passes it to its children",
		parts: []Part{{"parent_id", KindDoID, nil}},
	},
	StateServerGetActiveZones: {
		Source: "12, section 2.3", From: "anyone", To: "parent object",
		parts: context(),
	},
	StateServerGetActiveZonesResp: {
		Source: "12, section 2.3", From: "parent object", To: "the asker",
		parts: context(zones()),
	},

	DBSSObjectActivateWithDefaults: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server",
		parts: []Part{{"do_id", KindDoID, nil}, {"location", KindLocation, nil}},
	},
	DBSSObjectActivateWithDefaultsOther: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server",
		parts: []Part{
			{"do_id", KindDoID, nil}, {"location", KindLocation, nil},
			{"dclass_id", KindDClass, nil}, fieldValues("other"),
		},
	},
	DBSSObjectGetActivated: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server",
		parts: context(Part{"do_id", KindDoID, nil}),
	},
	DBSSObjectGetActivatedResp: {
		Source: "12, section 2.4", From: "database-state server", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"is_activated", KindBool, nil}),
	},
	// The VALUE is as doubtful as that of DELETE_FIELD_RAM.
	DBSSObjectDeleteFieldDisk: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server",
		parts: []Part{
			{"do_id", KindDoID, nil}, {"field_id", KindField, nil},
			ifMore(Part{"value", KindValue, nil}),
		},
	},
	DBSSObjectDeleteFieldsDisk: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server",
		parts: []Part{{"do_id", KindDoID, nil}, fieldIDs()},
	},
	DBSSObjectDeleteDisk: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server, which passes it to its location, AI and owner",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
}
