package wire

// dbServerLayouts are the database server messages (document 13, section 1).
// Requests go to the database server's control channel. Changes that were made
// are announced, in the same layout and with the requester as sender, on the
// object's [DoID.DatabaseChannel].
var dbServerLayouts = map[MsgType]Layout{
	DBServerCreateObject: {
		Source: "13, section 1", From: "anyone", To: "database server",
		Does:  "Stores a new object. Fields that have a default in the DC file and no value get the default.",
		parts: context(Part{"dclass_id", KindDClass, nil}, fieldValues("fields")),
	},
	DBServerCreateObjectResp: {
		Source: "13, section 1", From: "database server", To: "the asker",
		Does:  "The new doId; 0 says that nothing was created.",
		parts: context(Part{"do_id", KindDoID, nil}),
	},
	DBServerObjectGetField: {
		Source: "13, section 1", From: "anyone", To: "database server",
		Does:  "Asks for a stored value.",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"field_id", KindField, nil}),
	},
	DBServerObjectGetFieldResp: {
		Source: "13, section 1", From: "database server", To: "the asker",
		parts: context(Part{"success", KindBool, nil}, ifTrue(fieldValue()...)),
	},
	DBServerObjectGetFields: {
		Source: "13, section 1", From: "anyone", To: "database server",
		Does:  "Asks for several.",
		parts: context(Part{"do_id", KindDoID, nil}, fieldIDs()),
	},
	DBServerObjectGetFieldsResp: {
		Source: "13, section 1", From: "database server", To: "the asker",
		Does:  "Those that have a value.",
		parts: context(Part{"success", KindBool, nil}, ifTrue(fieldValues("fields"))),
	},
	DBServerObjectGetAll: {
		Source: "13, section 1", From: "anyone", To: "database server",
		Does:  "Asks for all that is stored of an object.",
		parts: context(Part{"do_id", KindDoID, nil}),
	},
	DBServerObjectGetAllResp: {
		Source: "13, section 1", From: "database server", To: "the asker",
		parts: context(
			Part{"success", KindBool, nil},
			ifTrue(Part{"dclass_id", KindDClass, nil}, fieldValues("fields")),
		),
	},
	DBServerObjectSetField: {
		Source: "13, section 1", From: "anyone", To: "database server; announced",
		Does:  "Stores a value.",
		parts: append([]Part{{"do_id", KindDoID, nil}}, fieldValue()...),
	},
	DBServerObjectSetFields: {
		Source: "13, section 1", From: "anyone", To: "database server; announced",
		Does:  "Stores several values: all or none.",
		parts: []Part{{"do_id", KindDoID, nil}, fieldValues("fields")},
	},
	DBServerObjectSetFieldIfEquals: {
		Source: "13, section 1", From: "anyone", To: "database server",
		Does: "Stores `new` if the field has the value `old`, in one step.",
		parts: context(
			Part{"do_id", KindDoID, nil}, Part{"field_id", KindField, nil},
			Part{"old", KindValue, nil}, Part{"new", KindValue, nil},
		),
	},
	DBServerObjectSetFieldIfEqualsResp: {
		Source: "13, section 1", From: "database server", To: "the asker",
		Does:  "After a mismatch the current value follows, if there is one; after any other failure nothing does, which the document does not say.",
		parts: context(Part{"success", KindBool, nil}, ifMore(fieldValue()...)),
	},
	DBServerObjectSetFieldsIfEquals: {
		Source: "13, section 1", From: "anyone", To: "database server",
		Does: "The same for several fields: all or none.",
		parts: context(
			Part{"do_id", KindDoID, nil},
			Part{"fields", KindList, []Part{
				{"field_id", KindField, nil}, {"old", KindValue, nil}, {"new", KindValue, nil},
			}},
		),
	},
	DBServerObjectSetFieldsIfEqualsResp: {
		Source: "13, section 1", From: "database server", To: "the asker",
		Does:  "After a mismatch the count and the current values follow; after any other failure not even the count.",
		parts: context(Part{"success", KindBool, nil}, ifMore(fieldValues("fields"))),
	},
	DBServerObjectSetFieldIfEmpty: {
		Source: "13, section 1", From: "anyone", To: "database server",
		Does:  "Stores a value if the field has none, in one step.",
		parts: context(append([]Part{{"do_id", KindDoID, nil}}, fieldValue()...)...),
	},
	DBServerObjectSetFieldIfEmptyResp: {
		Source: "13, section 1", From: "database server", To: "the asker",
		Does:  "The current value follows if there already was one.",
		parts: context(Part{"success", KindBool, nil}, ifMore(fieldValue()...)),
	},
	DBServerObjectDeleteField: {
		Source: "13, section 1", From: "anyone", To: "database server; announced",
		Does:  "Deletes a stored value.",
		parts: []Part{{"do_id", KindDoID, nil}, {"field_id", KindField, nil}},
	},
	DBServerObjectDeleteFields: {
		Source: "13, section 1", From: "anyone", To: "database server; announced",
		Does:  "Deletes several.",
		parts: []Part{{"do_id", KindDoID, nil}, fieldIDs()},
	},
	DBServerObjectDelete: {
		Source: "13, section 1", From: "anyone", To: "database server; announced",
		Does:  "Deletes a stored object.",
		parts: []Part{{"do_id", KindDoID, nil}},
	},

	// What follows is natstron's, for participants that name fields.
	DBServerGetStoredValues: {
		Source: "natstron", From: "anyone", To: "database server",
		Does:  "Asks for fields by their names, as processes of the [OTP dialect](otp.md) do.",
		parts: context(Part{"do_id", KindDoID, nil}, Part{"names", KindList, []Part{{"name", KindString, nil}}}),
	},
	DBServerGetStoredValuesResp: {
		Source: "natstron", From: "database server", To: "the asker",
		Does: "`failed` is false if there is such an object; then a blob and a flag follow for each name.",
		parts: context(
			Part{"do_id", KindDoID, nil}, Part{"names", KindList, []Part{{"name", KindString, nil}}},
			Part{"failed", KindBool, nil}, repeated(Part{"value", KindBlob, nil}, Part{"found", KindBool, nil}),
		),
	},
	DBServerSetStoredValues: {
		Source: "natstron", From: "anyone", To: "database server",
		Does:  "Stores fields by their names.",
		parts: []Part{{"do_id", KindDoID, nil}, namedValues()},
	},
	DBServerCreateStoredObject: {
		Source: "natstron", From: "anyone", To: "database server",
		Does:  "Stores a new object. Its type is a number in the configuration.",
		parts: context(Part{"unused", KindString, nil}, Part{"object_type", KindUint16, nil}, namedValues()),
	},
	DBServerCreateStoredObjectResp: {
		Source: "natstron", From: "database server", To: "the asker",
		parts: context(Part{"failed", KindBool, nil}, Part{"do_id", KindDoID, nil}),
	},
	DBServerGenerateObject: {
		Answers: []string{"DBSERVER_GENERATE_OBJECT_RESP"},
		Source:  "natstron", From: "AI or UberDOG", To: "database server, or an object of a database-state server",
		Does:  "Creates an object and then, if the location is one, activates it.",
		parts: generated(),
	},
	DBServerGenerateObjectOther: {
		Source: "natstron", From: "AI or UberDOG", To: "database server, or an object of a database-state server",
		Does:    "The same, with further fields.",
		Answers: []string{"DBSERVER_GENERATE_OBJECT_RESP"},
		parts:   append(generated(), fieldValues("other")),
	},
	DBServerGenerateObjectResp: {
		Source: "natstron", From: "database server or object", To: "the asker",
		parts: context(Part{"do_id", KindDoID, nil}),
	},

	// What follows is natstron's, and uses indexes; see docs/protocol.md.
	DBServerFindObjects: {
		Source: "natstron", From: "anyone", To: "database server",
		Does: "Asks for the objects of a class whose field has this value: [objects by value](protocol.md#objects-by-value).",
		parts: context(
			Part{"dclass_id", KindDClass, nil}, Part{"field_id", KindField, nil}, Part{"value", KindValue, nil},
			Part{"above", KindDoID, nil}, Part{"limit", KindUint16, nil},
		),
	},
	DBServerFindObjectsResp: {
		Source: "natstron", From: "database server", To: "the asker",
		Does: "Nothing follows the code unless it is 0. `more` says that further objects have the value.",
		parts: context(
			Part{"code", KindUint16, nil},
			ifMore(Part{"more", KindBool, nil}, Part{"do_ids", KindList, []Part{{"do_id", KindDoID, nil}}}),
		),
	},
	DBServerCreateObjectIfAbsent: {
		Source: "natstron", From: "anyone", To: "database server",
		Does:  "CREATE_OBJECT, unless an object of the class has a value that belongs to one alone.",
		parts: context(Part{"dclass_id", KindDClass, nil}, fieldValues("fields")),
	},
	DBServerCreateObjectIfAbsentResp: {
		Source: "natstron", From: "database server", To: "the asker",
		Does:  "`do_id` is the new object, or the one that has the value of the field already; 0 with any other code.",
		parts: context(Part{"code", KindUint16, nil}, Part{"do_id", KindDoID, nil}, ifMore(Part{"field_id", KindField, nil})),
	},
}

// namedValues are fields by name, each with its packed value.
func namedValues() Part {
	return Part{"values", KindList, []Part{{"name", KindString, nil}, {"value", KindBlob, nil}}}
}

// generated is an object as it is created in a database and activated.
func generated() []Part {
	return context(
		Part{"location", KindLocation, nil}, Part{"owner", KindChannel, nil},
		Part{"dclass_id", KindDClass, nil}, Part{"required", KindRequired, nil},
	)
}
