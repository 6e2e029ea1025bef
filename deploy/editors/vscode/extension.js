// Starts astrond dc lsp for DC files.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = function () {
  const settings = workspace.getConfiguration("dc");
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  const server = { command: settings.get("astrond"), args: ["dc", "lsp", ...settings.get("files")], options: { cwd: folder } };
  client = new LanguageClient("dc", "DC files", server, {
    documentSelector: [{ language: "dc" }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/{*.dc,astrond.yml}") },
  });
  return client.start();
};

exports.deactivate = () => client?.stop();
