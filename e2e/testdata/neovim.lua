-- What TestNeovim has Neovim do with the DC file of the environment. The last line of its output is
-- what it has seen, as JSON.
local seen = {}
local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then error("Neovim waits in vain: " .. what) end
end

local function work()
  vim.cmd("edit " .. vim.fn.fnameescape(vim.env.DC_FILE))
  local server = assert(vim.lsp.start_client({ name = "dc", cmd = { vim.env.ASTROND, "dc", "lsp" }, root_dir = vim.fn.getcwd() }))
  vim.lsp.buf_attach_client(0, server)
  wait("diagnostics", function() return #vim.diagnostic.get(0) > 0 end)
  seen.diagnostics = vim.tbl_map(function(d) return { d.lnum, d.col, d.message } end, vim.diagnostic.get(0))

  -- Asks about the place of a text, as a key that is pressed there does.
  local function ask(method, text, params)
    assert(vim.fn.search("\\V" .. text, "cw") > 0, text)
    params = params or vim.lsp.util.make_position_params(0, "utf-16")
    local answers, err = vim.lsp.buf_request_sync(0, method, params, 20000)
    assert(answers, err)
    for _, answer in pairs(answers) do return answer.result end
  end
  seen.hover = ask("textDocument/hover", "Colour").contents.value
  local definition = ask("textDocument/definition", "Colour")
  definition = definition[1] or definition
  seen.definition = { vim.fn.fnamemodify(vim.uri_to_fname(definition.uri or definition.targetUri), ":t"), (definition.range or definition.targetSelectionRange).start.line }

  -- What is mended is no error any more.
  vim.cmd([[%s/colur/Colour/]])
  wait("the error to be gone", function() return #vim.diagnostic.get(0) == 0 end)
  local edits = ask("textDocument/formatting", "dclass", { textDocument = vim.lsp.util.make_text_document_params(0), options = { tabSize = 2, insertSpaces = true } })
  vim.lsp.util.apply_text_edits(edits, 0, "utf-16")
  seen.formatted = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), "\n")
  vim.lsp.stop_client(server)
  wait("the server to end", function() return vim.lsp.client_is_stopped(server) end)
end

local ok, err = pcall(work)
if not ok then seen.error = tostring(err) end
io.stdout:write("\n" .. (vim.json or vim.fn).encode(seen) .. "\n")
vim.cmd(ok and "qa!" or "cq!")
