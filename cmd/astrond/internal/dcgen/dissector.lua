-- What follows is the same for all DC files: how messages and values are taken apart.

local HEADER = 2 -- the length before a message

-- A place in a message. Reading past the end is an error, which ends the dissection.
local Reader = {}
Reader.__index = Reader

local function new_reader(tvb, from, to)
	return setmetatable({ tvb = tvb, at = from, to = to }, Reader)
end

function Reader:left()
	return self.to - self.at
end

function Reader:take(n)
	if n > self:left() then
		error({ text = string.format("truncated: %d bytes wanted, %d left", n, self:left()) })
	end
	local at = self.at
	self.at = at + n
	return n > 0 and self.tvb:range(at, n) or nil
end

function Reader:uint(n)
	local range = self:take(n)
	return range:le_uint(), range
end

-- The bytes behind a length of n bytes.
function Reader:counted(n)
	local size = self:uint(n)
	local at = self.at
	self:take(size)
	return at, at + size
end

local function range_of(reader, from)
	return reader.tvb:range(from, reader.at - from)
end

local function text_of(reader, from, to)
	if from == to then
		return ""
	end
	return reader.tvb:range(from, to - from):raw()
end

local function printable(s)
	return '"' .. s:gsub('[%c"\\]', function(c)
		return string.format("\\x%02x", c:byte())
	end) .. '"'
end

local function hex(s)
	return "<" .. s:gsub(".", function(c)
		return string.format("%02x", c:byte())
	end) .. ">"
end

-- Adds a line to the tree for what was read since a place.
local function line(tree, reader, from, text)
	if reader.at > from then
		return tree:add(range_of(reader, from), text)
	end
	return tree:add(text)
end

local SIZES = { int8 = 1, uint8 = 1, int16 = 2, uint16 = 2, int32 = 4, uint32 = 4, int64 = 8, uint64 = 8, float32 = 4, float64 = 8 }

local function number_text(t, kind, reader)
	local range = reader:take(SIZES[kind])
	if kind == "int64" then
		return tostring(range:le_int64())
	elseif kind == "uint64" then
		return tostring(range:le_uint64())
	end
	local n
	if kind:sub(1, 5) == "float" then
		n = range:le_float()
	elseif kind:sub(1, 1) == "u" then
		n = range:le_uint()
	else
		n = range:le_int()
	end
	if t.divisor then
		return string.format("%.10g", n / t.divisor)
	elseif kind:sub(1, 5) == "float" then
		return string.format("%.10g", n)
	end
	return string.format("%d", n)
end

local value -- (type, reader, tree, name), which returns the value as text

local function members_text(members, reader, tree)
	local texts = {}
	for i, m in ipairs(members) do
		texts[i] = value(m[2], reader, tree, m[1])
	end
	return table.concat(texts, ", ")
end

-- Adds a line that has parts, and the parts below it.
local function compound(reader, tree, name, open, shut, read)
	local from = reader.at
	local below = tree:add(name)
	local text = open .. read(below) .. shut
	below:set_text(name .. ": " .. text)
	if reader.at > from then
		below:set_len(reader.at - from)
	end
	return text
end

value = function(t, reader, tree, name)
	if type(t) == "string" then
		t = { kind = t }
	end
	local kind, from, text = t.kind, reader.at, nil
	if kind == "struct" then
		return compound(reader, tree, name, "{", "}", function(below)
			return members_text(t.members or STRUCTS[t.name], reader, below)
		end)
	elseif kind == "array" then
		return compound(reader, tree, name, "[", "]", function(below)
			local texts, to = {}, nil
			if not t.size then
				local begin, stop = reader:counted(2)
				reader.at, to = begin, stop
			end
			while to and reader.at < to or not to and #texts < t.size do
				local before = reader.at
				texts[#texts + 1] = value(t.of, reader, below, "[" .. #texts .. "]")
				if to and reader.at == before then
					error({ text = "elements without a byte" })
				end
			end
			if to and reader.at > to then
				error({ text = "the last element is longer than its array" })
			end
			return table.concat(texts, ", ")
		end)
	elseif kind == "switch" then
		return compound(reader, tree, name, "{", "}", function(below)
			local begin = reader.at
			local key = value(t.key[2], reader, below, t.key[1])
			local packed = hex(text_of(reader, begin, reader.at)):sub(2, -2)
			local members = t["default"]
			for _, c in ipairs(t.cases or {}) do
				if c[1] == packed then
					members = c[2]
				end
			end
			if not members then
				error({ text = "no case for the key " .. packed })
			end
			local rest = members_text(members, reader, below)
			return rest == "" and key or key .. ", " .. rest
		end)
	elseif kind == "string" or kind == "blob" or kind == "blob32" then
		local begin, to = reader.at, nil
		if t.size then
			reader:take(t.size)
			to = reader.at
		else
			begin, to = reader:counted(kind == "blob32" and 4 or 2)
		end
		local content = text_of(reader, begin, to)
		text = kind == "string" and printable(content) or hex(content)
	elseif kind == "char" then
		text = printable(text_of(reader, reader.at, reader.at + #reader:take(1):raw()))
	elseif SIZES[kind] then
		text = number_text(t, kind, reader)
	else
		error({ text = "no DC file declares the type " .. tostring(t.name) })
	end
	line(tree, reader, from, name .. ": " .. text)
	return text
end

local function class_name(id)
	local c = CLASSES[id]
	return c and c.name or "class " .. id
end

-- A dissection: a protocol's fields, what was named last, and what to show in the list.
local function field_value(d, id, reader, tree)
	local field = FIELDS[id]
	if not field then
		error({ text = "the DC files have no field " .. id })
	end
	local text = compound(reader, tree, field.class .. "." .. field.name, "(", ")", function(below)
		return members_text(field.members, reader, below)
	end)
	d.info[#d.info + 1] = field.name .. "(" .. text:sub(2, -2) .. ")"
end

local function required(d, audience, reader, tree)
	local class = CLASSES[d.class]
	if not class then
		error({ text = "the DC files have no class " .. d.class })
	end
	for _, id in ipairs(class.fields) do
		local k = FIELDS[id].keywords
		local seen = audience == "REQUIRED" or k.broadcast or k.clrecv or (audience == "REQUIRED_BCAST_OR_OWNRECV" and k.ownrecv)
		if k.required and not FIELDS[id].molecular and seen then
			field_value(d, id, reader, tree)
		end
	end
end

local parts -- (d, list, reader, tree)
local datagram, client_message

local function part(d, p, reader, tree)
	local name, kind, below = p[1], p[2], p[3]
	local from = reader.at
	if kind == "list" then
		local count = reader:uint(2)
		local list = line(tree, reader, from, name .. ": " .. count)
		for _ = 1, count do
			parts(d, below, reader, list)
		end
	elseif kind == "if true" then
		if d.flag then
			parts(d, below, reader, tree)
		end
	elseif kind == "if more" then
		if reader:left() > 0 then
			parts(d, below, reader, tree)
		end
	elseif kind == "repeated" then
		while reader:left() > 0 do
			parts(d, below, reader, tree)
		end
	elseif kind == "VALUE" then
		field_value(d, d.field, reader, tree)
	elseif kind:sub(1, 8) == "REQUIRED" then
		required(d, kind, reader, tree)
	elseif kind == "bool" then
		d.flag = reader:uint(1) ~= 0
		line(tree, reader, from, name .. ": " .. tostring(d.flag))
	elseif kind == "uint16" or kind == "field" or kind == "dclass" then
		local n, range = reader:uint(2)
		if kind == "uint16" then
			tree:add(range, name .. ": " .. n)
		elseif kind == "field" then
			d.field = n
			tree:add_le(d.fields.field, range):append_text(FIELDS[n] and " (" .. FIELDS[n].class .. "." .. FIELDS[n].name .. ")" or "")
		else
			d.class = n
			tree:add_le(d.fields.class, range):append_text(" (" .. class_name(n) .. ")")
			d.info[#d.info + 1] = class_name(n)
		end
	elseif kind == "uint32" or kind == "zone" then
		local n, range = reader:uint(4)
		tree:add(range, string.format(name == "dc_hash" and "%s: 0x%08x" or "%s: %d", name, n))
	elseif kind == "doId" then
		local n, range = reader:uint(4)
		tree:add_le(d.fields.do_id, range):append_text(name == "do_id" and "" or " (" .. name .. ")")
		d.info[#d.info + 1] = string.format("%d", n)
	elseif kind == "location" then
		local parent, zone = reader:uint(4), reader:uint(4)
		line(tree, reader, from, string.format("%s: %d:%d", name, parent, zone))
	elseif kind == "channel" then
		local range = reader:take(8)
		tree:add(range, name .. ": " .. tostring(range:le_uint64()))
	elseif kind == "string" or kind == "blob" then
		local begin, to = reader:counted(2)
		local content = text_of(reader, begin, to)
		line(tree, reader, from, name .. ": " .. (kind == "string" and printable(content) or hex(content)))
		if kind == "string" then
			d.info[#d.info + 1] = printable(content)
		end
	elseif kind == "datagram" or kind == "client message" then
		local begin, to = reader:counted(2)
		local inner = line(tree, reader, from, name)
		local read = kind == "datagram" and datagram or client_message
		read(d, new_reader(reader.tvb, begin, to), inner)
	else
		error({ text = "a part of kind " .. kind })
	end
end

parts = function(d, list, reader, tree)
	for _, p in ipairs(list) do
		part(d, p, reader, tree)
	end
end

-- The type of a message and its arguments. What cannot be read is shown as it is.
local function arguments(d, messages, reader, tree)
	local n, range = reader:uint(2)
	local message = messages[n]
	local name = message and message.name or "unknown message " .. n
	tree:add_le(d.fields.type, range):append_text(" (" .. name .. ")")
	tree:add(d.fields.name, range, name):set_generated()
	d.info[#d.info + 1] = name
	local ok, err = true, nil
	if message then
		ok, err = pcall(parts, d, message.parts, reader, tree)
		if not ok and type(err) ~= "table" then
			error(err) -- a fault of this file
		end
	end
	if reader:left() > 0 or not ok then
		local why = ok and (message and "excess" or "arguments") or err.text
		d.info[#d.info + 1] = "[" .. why .. "]"
		local rest = reader:left() > 0 and tree:add(reader.tvb:range(reader.at, reader:left()), why) or tree:add(why)
		if message then
			rest:add_expert_info(PI_MALFORMED, PI_ERROR, why)
		end
		reader.at = reader.to
	end
end

client_message = function(d, reader, tree)
	arguments(d, CLIENT_MESSAGES, reader, tree)
end

datagram = function(d, reader, tree)
	local count = reader:uint(1)
	local control = false
	for _ = 1, count do
		local range = reader:take(8)
		tree:add_le(d.fields.recipient, range)
		control = count == 1 and tostring(range:le_uint64()) == "1"
	end
	if not control then
		tree:add_le(d.fields.sender, reader:take(8))
	end
	arguments(d, MESSAGES, reader, tree)
end

-- Makes a protocol of a kind of message.
local function protocol(name, title, port, web_port, read)
	local proto = Proto(name, title)
	local fields = {
		type = ProtoField.uint16(name .. ".type", "type"),
		name = ProtoField.string(name .. ".name", "name"),
		do_id = ProtoField.uint32(name .. ".do_id", "doId"),
		field = ProtoField.uint16(name .. ".field", "field"),
		class = ProtoField.uint16(name .. ".class", "dclass"),
		sender = ProtoField.uint64(name .. ".sender", "sender"),
		recipient = ProtoField.uint64(name .. ".recipient", "recipient"),
	}
	for _, f in pairs(fields) do
		proto.fields[#proto.fields + 1] = f
	end

	local function message(tvb, from, to, pinfo, root)
		local d = { fields = fields, info = {} }
		local tree = root:add(proto, tvb:range(from, to - from))
		local ok, err = pcall(read, d, new_reader(tvb, from, to), tree)
		if not ok then
			local why = type(err) == "table" and err.text or tostring(err)
			tree:add_expert_info(PI_MALFORMED, PI_ERROR, why)
			d.info[#d.info + 1] = "[" .. why .. "]"
		end
		tree:append_text(": " .. table.concat(d.info, " "))
		return table.concat(d.info, " ")
	end

	-- On TCP there is a length before each message.
	function proto.dissector(tvb, pinfo, root)
		pinfo.cols.protocol = title
		local infos = {}
		dissect_tcp_pdus(tvb, root, HEADER, function(rest, _, at)
			return HEADER + rest:range(at, HEADER):le_uint()
		end, function(pdu)
			infos[#infos + 1] = message(pdu, HEADER, pdu:len(), pinfo, root)
			return pdu:len()
		end)
		if #infos > 0 then
			pinfo.cols.info = table.concat(infos, "; ") .. " " -- what else the frame has follows
		end
		return tvb:len()
	end

	-- In a WebSocket, a message is a frame.
	local web = Proto(name .. "_ws", title .. " (WebSocket)")
	function web.dissector(tvb, pinfo, root)
		pinfo.cols.protocol = title
		pinfo.cols.info = message(tvb, 0, tvb:len(), pinfo, root)
		return tvb:len()
	end

	proto.prefs.port = Pref.uint("TCP port", port, "where the server listens; 0: nowhere")
	proto.prefs.web_port = Pref.uint("WebSocket port", web_port, "where the server listens; 0: nowhere")
	local known = {}
	local function listen(table_name, key, dissector)
		local ports, wanted = DissectorTable.get(table_name), proto.prefs[key]
		if known[key] == wanted then
			return
		end
		if (known[key] or 0) > 0 then
			ports:remove(known[key], dissector)
		end
		if wanted > 0 then
			ports:add(wanted, dissector)
		end
		known[key] = wanted
	end
	local function listen_again()
		listen("tcp.port", "port", proto)
		listen("ws.port", "web_port", web)
	end
	proto.prefs_changed = listen_again
	listen_again()
	return message
end

-- Lines of NATS that a payload follows, and which of their words is the subject. The last word is
-- the size of the payload; HEADED ones have that of the headers before it, which are in the payload.
local SUBJECTS = { PUB = 2, HPUB = 2, MSG = 2, HMSG = 2, LMSG = 2, RMSG = 3, HRMSG = 3 }
local HEADED = { HPUB = true, HMSG = true, HRMSG = true }
local MAX_LINE = 1048576 -- a longer one is not NATS
local MAX_PAYLOAD = 67108864

-- The datagrams between processes, in the payloads of a NATS server.
local function backbone(datagrams)
	local proto = Proto("astron_nats", "Astron on NATS")
	local subject = ProtoField.string("astron_nats.subject", "subject")
	local line_field = ProtoField.string("astron_nats.line", "line")
	proto.fields = { subject, line_field }
	proto.prefs.port = Pref.uint("TCP port", 4222, "where the NATS server listens; 0: nowhere")
	proto.prefs.prefix = Pref.string("Prefix", "astron", "backbone.prefix of the configuration")

	-- A size, unless it is none, or larger than any.
	local function number(word)
		local n = word:match("^%d+$") and tonumber(word)
		return n and n <= MAX_PAYLOAD and n or nil
	end

	local function end_of_line(tvb, at)
		for i = at, math.min(tvb:len(), at + MAX_LINE) - 2 do
			if tvb:range(i, 2):uint() == 0x0d0a then
				return i
			end
		end
	end

	function proto.dissector(tvb, pinfo, root)
		local at, infos = 0, {}
		while at < tvb:len() do
			local stop = end_of_line(tvb, at)
			if not stop and tvb:len() - at > MAX_LINE then
				return at
			elseif not stop then
				pinfo.desegment_offset, pinfo.desegment_len = at, DESEGMENT_ONE_MORE_SEGMENT
				break
			end
			local words = {}
			for word in tvb:range(at, stop - at):raw():gmatch("%S+") do
				words[#words + 1] = word
			end
			local verb = (words[1] or ""):upper()
			local name = words[SUBJECTS[verb] or 0]
			local size = name and number(words[#words])
			local payload, next_line = stop + 2, stop + 2
			if size then
				next_line = payload + size + 2
				if next_line > tvb:len() then
					pinfo.desegment_offset, pinfo.desegment_len = at, next_line - tvb:len()
					break
				end
			end
			local tree = root:add(proto, tvb:range(at, next_line - at))
			tree:append_text(": " .. verb .. " " .. (name or ""))
			tree:add(line_field, tvb:range(at, stop - at))
			infos[#infos + 1] = verb
			if size then
				tree:add(subject, tvb:range(at, stop - at), name):set_generated()
				local skipped = HEADED[verb] and number(words[#words - 1]) or 0
				local mine = name:sub(1, #proto.prefs.prefix + 1) == proto.prefs.prefix .. "."
				-- A datagram to nobody asks the NATS server whether anybody listens.
				local probe = size - skipped == 1 and tvb:range(payload + skipped, 1):uint() == 0
				if mine and probe then
					infos[#infos] = verb .. " " .. name .. " (does anybody listen?)"
				elseif mine and skipped < size then
					infos[#infos] = verb .. " " .. datagrams(tvb, payload + skipped, payload + size, pinfo, root)
				else
					infos[#infos] = verb .. " " .. name
				end
			end
			at = next_line
		end
		pinfo.cols.protocol = "Astron on NATS"
		if #infos > 0 then
			pinfo.cols.info = table.concat(infos, "; ") .. " "
		end
		return tvb:len()
	end

	local known = 0
	local function listen_again()
		local ports = DissectorTable.get("tcp.port")
		if known > 0 then
			ports:remove(known, proto)
		end
		known = proto.prefs.port
		if known > 0 then
			ports:add(known, proto)
		end
	end
	proto.prefs_changed = listen_again
	listen_again()
end

protocol("astron_client", "Astron client", 7198, 7196, client_message)
backbone(protocol("astron", "Astron", 7199, 0, datagram))
