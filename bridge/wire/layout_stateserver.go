package wire

// stateServerLayouts are the messages of state servers, of their objects, and of
// the database-state server (document 12). "object" is an object's own channel,
// [DoID.Channel]; "children" its [DoID.ChildrenChannel]; "location" the channel
// of a [Location].
var stateServerLayouts = map[MsgType]Layout{
	StateServerCreateObjectWithRequired: {
		Source: "12, section 1", From: "AI or UberDOG", To: "state server",
		Does:  "Creates an object. It enters its location and its parent's AI; nobody answers.",
		parts: object(KindRequired),
	},
	StateServerCreateObjectWithRequiredOther: {
		Source: "12, section 1", From: "AI or UberDOG", To: "state server",
		Does:  "The same, with further fields that are `ram`.",
		parts: objectOther(KindRequired),
	},
	StateServerGenerateObjectWithRequired: {
		Source: "natstron", From: "AI or UberDOG", To: "state server, which chooses the doId",
		Does:    "Creates an object under a doId of the [state server's own range](stateserver.md#leaving-the-doid-to-the-state-server).",
		Answers: []string{"STATESERVER_GENERATE_OBJECT_RESP"},
		parts:   context(object(KindRequired)[1:]...),
	},
	StateServerGenerateObjectWithRequiredOther: {
		Source: "natstron", From: "AI or UberDOG", To: "state server, which chooses the doId",
		Does:    "The same, with further fields that are `ram`.",
		Answers: []string{"STATESERVER_GENERATE_OBJECT_RESP"},
		parts:   context(objectOther(KindRequired)[1:]...),
	},
	StateServerGenerateObjectResp: {
		Source: "natstron", From: "state server", To: "the asker",
		Does:  "The new doId and no problem, or 0 and why nothing was created. It comes before all else about the object.",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"problem", KindString, nil}),
	},
	StateServerGenerateObjectOfAI: {
		Source: "natstron", From: "AI or UberDOG", To: "state server, which chooses the doId",
		Does:    "The same as GENERATE_OBJECT_WITH_REQUIRED_OTHER and SET_AI, in one: the object has an AI of its own from the start, and its parent is not asked for one.",
		Answers: []string{"STATESERVER_GENERATE_OBJECT_RESP"},
		parts:   context(append([]Part{{"ai_channel", KindChannel, nil}}, objectOther(KindRequired)[1:]...)...),
	},
	StateServerDeleteAIObjects: {
		Source: "12, section 1", From: "AI, usually as a post-remove", To: "state server, which passes it to the objects",
		Does:  "Deletes the objects that SET_AI gave to this AI, and their children.",
		parts: []Part{{"ai_channel", KindChannel, nil}},
	},

	StateServerObjectGetField: {
		Source: "12, section 2.1", From: "anyone", To: "object",
		Does:  "Asks for the value of a field that is `ram` or `required`.",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"field_id", KindField, nil}),
	},
	StateServerObjectGetFieldResp: {
		Source: "12, section 2.1", From: "object", To: "the asker",
		parts: context(Part{"success", KindBool, nil}, ifTrue(fieldValue()...)),
	},
	StateServerObjectGetFields: {
		Source: "12, section 2.1", From: "anyone", To: "object",
		Does:  "Asks for several.",
		parts: context(Part{"do_id", KindDoID, nil}, fieldIDs()),
	},
	StateServerObjectGetFieldsResp: {
		Source: "12, section 2.1", From: "object", To: "the asker",
		Does:  "Those that have a value; a failure if one is no field of the class.",
		parts: context(Part{"success", KindBool, nil}, ifTrue(fieldValues("fields"))),
	},
	StateServerObjectGetAll: {
		Source: "12, section 2.1", From: "anyone", To: "object",
		Does:  "Asks for all that the object has.",
		parts: context(Part{"do_id", KindDoID, nil}),
	},
	StateServerObjectGetAllResp: {
		Source: "12, section 2.1", From: "object", To: "the asker",
		parts: context(objectOther(KindRequired)...),
	},
	StateServerObjectGetClass: {
		Source: "Ardos", From: "anyone", To: "object",
		Does:  "Asks for the class.",
		parts: context(),
	},
	StateServerObjectGetClassResp: {
		Source: "Ardos", From: "object", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"dclass_id", KindDClass, nil}),
	},
	StateServerObjectNotFound: {
		Source: "natstron", From: "state server", To: "the sender of a DELETE_RAM, whose object does not exist any more",
		Does:  "The object of a DELETE_RAM to the control channel does not exist any more.",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	StateServerObjectSetField: {
		Source: "12, section 2.1", From: "anyone", To: "object, which passes it to its location, AI and owner",
		Does:  "An update of a field: [who hears of it](dcfiles.md#keywords) is for its keywords to say.",
		parts: append([]Part{{"do_id", KindDoID, nil}}, fieldValue()...),
	},
	StateServerObjectSetFields: {
		Source: "12, section 2.1", From: "anyone", To: "object",
		Does:  "Updates of several fields: all or none. Receivers get a SET_FIELD for each.",
		parts: []Part{{"do_id", KindDoID, nil}, fieldValues("fields")},
	},
	StateServerObjectDeleteFieldRAM: {
		Source: "12, section 2.1", From: "anyone", To: "object, which passes it to its location, AI and owner",
		Does: "The object forgets the value; a required field gets its default. The document gives the message a VALUE, its summary table and its plural do not: so a value may follow.",
		parts: []Part{
			{"do_id", KindDoID, nil}, {"field_id", KindField, nil},
			ifMore(Part{"value", KindValue, nil}),
		},
	},
	StateServerObjectDeleteFieldsRAM: {
		Source: "12, section 2.1", From: "anyone", To: "object, which passes it to its location, AI and owner",
		Does:  "The same for several fields.",
		parts: []Part{{"do_id", KindDoID, nil}, fieldIDs()},
	},
	StateServerObjectDeleteRAM: {
		Source: "12, section 2.1", From: "anyone", To: "object, which passes it to its location, AI and owner",
		Does:  "Deletes the object. A stored one stays stored. Those that see it get this message, too.",
		parts: []Part{{"do_id", KindDoID, nil}},
	},

	StateServerObjectSetLocation: {
		Source: "12, section 2.2", From: "anyone", To: "object",
		Does:  "Moves the object.",
		parts: []Part{{"location", KindLocation, nil}},
	},
	StateServerObjectChangingLocation: {
		Source: "12, section 2.2", From: "object", To: "AI, owner, old parent, old location, new parent",
		Does: "The object has moved. Those in the old location know by it that the object left.",
		parts: []Part{
			{"do_id", KindDoID, nil},
			{"new_location", KindLocation, nil}, {"old_location", KindLocation, nil},
		},
	},
	StateServerObjectEnterLocationWithRequired: {
		Source: "12, section 2.2", From: "object", To: "location, or who asked for the zone's objects",
		Does:  "An object comes into the location.",
		parts: object(KindRequiredBroadcast),
	},
	StateServerObjectEnterLocationWithRequiredOther: {
		Source: "12, section 2.2", From: "object", To: "location, or who asked for the zone's objects",
		Does:  "The same, with further fields that have a value.",
		parts: objectOther(KindRequiredBroadcast),
	},
	StateServerObjectEnterInterestWithRequired: {
		Source: "12, section 2.2", From: "object", To: "who asked for the zone's objects",
		Does:  "An object that is there already, for the question with that context.",
		parts: context(object(KindRequiredBroadcast)...),
	},
	StateServerObjectEnterInterestWithRequiredOther: {
		Source: "12, section 2.2", From: "object", To: "who asked for the zone's objects",
		Does:  "The same, with further fields that have a value.",
		parts: context(objectOther(KindRequiredBroadcast)...),
	},
	StateServerObjectGetLocation: {
		Source: "12, section 2.2", From: "anyone, or a new object with context 1001", To: "object, or children",
		Does:  "Asks for the location. A new object asks those that are its children already, with context 1001.",
		parts: context(),
	},
	StateServerObjectGetLocationResp: {
		Source: "12, section 2.2", From: "object", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"location", KindLocation, nil}),
	},
	StateServerObjectLocationAck: {
		Source: "12, section 2.2", From: "parent object", To: "object that came",
		Does:  "The parent knows its child.",
		parts: []Part{{"location", KindLocation, nil}},
	},
	StateServerObjectSetAI: {
		Source: "12, section 2.2", From: "AI or UberDOG", To: "object",
		Does:  "Gives the object an AI of its own; 0 takes it back, and the parent's counts.",
		parts: []Part{{"ai_channel", KindChannel, nil}},
	},
	StateServerObjectChangingAI: {
		Source: "12, section 2.2", From: "object", To: "old AI and children",
		Does: "The object has another AI.",
		parts: []Part{
			{"do_id", KindDoID, nil},
			{"new_ai_channel", KindChannel, nil}, {"old_ai_channel", KindChannel, nil},
		},
	},
	StateServerObjectEnterAIWithRequired: {
		Source: "12, section 2.2", From: "object", To: "new AI",
		Does:  "The AI has the object from now on, and sees all of its fields.",
		parts: object(KindRequired),
	},
	StateServerObjectEnterAIWithRequiredOther: {
		Source: "12, section 2.2", From: "object", To: "new AI",
		Does:  "The same, with further fields that have a value.",
		parts: objectOther(KindRequired),
	},
	StateServerObjectGetAI: {
		Source: "12, section 2.2", From: "anyone, or an object with a new parent", To: "object",
		Does:  "Asks for the AI; 0 is none.",
		parts: context(),
	},
	StateServerObjectGetAIResp: {
		Source: "12, section 2.2", From: "object", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"ai_channel", KindChannel, nil}),
	},
	StateServerObjectSetOwner: {
		Source: "12, section 2.2", From: "AI or UberDOG", To: "object",
		Does:  "Gives the object an owner; 0 is none.",
		parts: []Part{{"owner_channel", KindChannel, nil}},
	},
	StateServerObjectChangingOwner: {
		Source: "12, section 2.2", From: "object", To: "old owner",
		Does: "The object has another owner.",
		parts: []Part{
			{"do_id", KindDoID, nil},
			{"new_owner_channel", KindChannel, nil}, {"old_owner_channel", KindChannel, nil},
		},
	},
	StateServerObjectEnterOwnerWithRequired: {
		Source: "12, section 2.2", From: "object", To: "new owner",
		Does:  "The receiver owns the object from now on.",
		parts: object(KindRequiredOwner),
	},
	StateServerObjectEnterOwnerWithRequiredOther: {
		Source: "12, section 2.2", From: "object", To: "new owner",
		Does:  "The same, with further fields that have a value.",
		parts: objectOther(KindRequiredOwner),
	},
	// Document 12 has neither of the two; the protocol's summary table has.
	StateServerObjectGetOwner: {
		Source: "the protocol's summary table, visibility messages", From: "anyone", To: "object",
		Does:  "Asks for the owner; 0 is none.",
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
		Does:    "Asks for all objects in a zone: the parent says how many there are, and each of them shows itself.",
		Answers: []string{"STATESERVER_OBJECT_GET_ZONES_COUNT_RESP", "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED", "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED_OTHER"},
		parts:   context(Part{"location", KindLocation, nil}),
	},
	StateServerObjectGetZonesObjects: {
		Source: "12, section 2.3", From: "anyone", To: "parent object, which passes it to its children",
		Does:    "The same for several zones.",
		Answers: []string{"STATESERVER_OBJECT_GET_ZONES_COUNT_RESP", "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED", "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED_OTHER"},
		parts:   context(Part{"parent_id", KindDoID, nil}, zones()),
	},
	StateServerObjectGetChildren: {
		Source: "12, section 2.3", From: "anyone", To: "parent object, which passes it to its children",
		Does:    "The same for all children.",
		Answers: []string{"STATESERVER_OBJECT_GET_CHILD_COUNT_RESP", "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED", "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED_OTHER"},
		parts:   context(Part{"parent_id", KindDoID, nil}),
	},
	StateServerObjectGetZoneCount: {
		Source: "12, section 2.3", From: "anyone", To: "parent object",
		Does:  "Asks how many objects are in a zone.",
		parts: context(Part{"location", KindLocation, nil}),
	},
	StateServerObjectGetZoneCountResp: {
		Source: "12, section 2.3", From: "parent object", To: "the asker",
		parts: context(Part{"object_count", KindUint32, nil}),
	},
	StateServerObjectGetZonesCount: {
		Source: "12, section 2.3", From: "anyone", To: "parent object",
		Does:  "Asks how many objects are in several zones.",
		parts: context(Part{"parent_id", KindDoID, nil}, zones()),
	},
	StateServerObjectGetZonesCountResp: {
		Source: "12, section 2.3", From: "parent object", To: "the asker",
		Does:  "It answers GET_ZONE_OBJECTS and GET_ZONES_OBJECTS, too.",
		parts: context(Part{"object_count", KindUint32, nil}),
	},
	StateServerObjectGetChildCount: {
		Source: "12, section 2.3", From: "anyone", To: "parent object",
		Does:  "Asks how many children there are.",
		parts: context(Part{"parent_id", KindDoID, nil}),
	},
	StateServerObjectGetChildCountResp: {
		Source: "12, section 2.3", From: "parent object", To: "the asker",
		Does:  "It answers GET_CHILDREN, too.",
		parts: context(Part{"object_count", KindUint32, nil}),
	},
	StateServerObjectDeleteZone: {
		Source: "12, section 2.3", From: "anyone", To: "parent object, which passes it to its children",
		Does:  "Deletes all objects in a zone.",
		parts: []Part{{"location", KindLocation, nil}},
	},
	StateServerObjectDeleteZones: {
		Source: "12, section 2.3", From: "anyone", To: "parent object, which passes it to its children",
		Does:  "Deletes all objects in several zones.",
		parts: []Part{{"parent_id", KindDoID, nil}, zones()},
	},
	StateServerObjectDeleteChildren: {
		Source: "12, section 2.3", From: "anyone", To: "parent object, which passes it to its children",
		Does:  "Deletes all children.",
		parts: []Part{{"parent_id", KindDoID, nil}},
	},
	StateServerGetActiveZones: {
		Source: "12, section 2.3", From: "anyone", To: "parent object",
		Does:  "Asks which zones have objects.",
		parts: context(),
	},
	StateServerGetActiveZonesResp: {
		Source: "12, section 2.3", From: "parent object", To: "the asker",
		parts: context(zones()),
	},

	DBSSObjectActivateWithDefaults: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server",
		Does:  "Brings a stored object [into the world](dbss.md). Nobody answers.",
		parts: []Part{{"do_id", KindDoID, nil}, {"location", KindLocation, nil}},
	},
	DBSSObjectActivateWithDefaultsOther: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server",
		Does: "The same, with values that replace the stored ones.",
		parts: []Part{
			{"do_id", KindDoID, nil}, {"location", KindLocation, nil},
			{"dclass_id", KindDClass, nil}, fieldValues("other"),
		},
	},
	DBSSObjectGetActivated: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server",
		Does:  "Asks whether the object is in the world.",
		parts: context(Part{"do_id", KindDoID, nil}),
	},
	DBSSObjectGetActivatedResp: {
		Source: "12, section 2.4", From: "database-state server", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"is_activated", KindBool, nil}),
	},
	DBSSObjectDeleteFieldDisk: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server",
		Does: "Deletes a stored value. A value may follow, as with DELETE_FIELD_RAM.",
		parts: []Part{
			{"do_id", KindDoID, nil}, {"field_id", KindField, nil},
			ifMore(Part{"value", KindValue, nil}),
		},
	},
	DBSSObjectDeleteFieldsDisk: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server",
		Does:  "Deletes several.",
		parts: []Part{{"do_id", KindDoID, nil}, fieldIDs()},
	},
	DBSSObjectDeleteDisk: {
		Source: "12, section 2.4", From: "anyone", To: "object of a database-state server, which passes it to its location, AI and owner",
		Does:  "Deletes the stored object. One that is in the world stays there.",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
}
