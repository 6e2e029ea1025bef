package editor

// The parts of the Language Server Protocol's types that are used, with their names there.

// Position is a place of a text: a line, and a column in the units of positionEncoding, both
// from 0.
type position struct {
	Line      uint32 `json:"line"`
	Character uint32 `json:"character"`
}

type textRange struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

type location struct {
	URI   string    `json:"uri"`
	Range textRange `json:"range"`
}

type documentID struct {
	URI     string `json:"uri"`
	Version *int   `json:"version,omitempty"`
}

// placeParams are those of hover, definition and completion.
type placeParams struct {
	Document documentID `json:"textDocument"`
	Position position   `json:"position"`
}

// documentParams are those of documentSymbol, formatting, didSave and didClose.
type documentParams struct {
	Document documentID `json:"textDocument"`
}

type openParams struct {
	Document struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
		Text    string `json:"text"`
	} `json:"textDocument"`
}

// changeParams has the whole text, because the server asks for that.
type changeParams struct {
	Document documentID `json:"textDocument"`
	Changes  []struct {
		Range *textRange `json:"range"`
		Text  string     `json:"text"`
	} `json:"contentChanges"`
}

type initializeParams struct {
	Capabilities struct {
		General struct {
			PositionEncodings []string `json:"positionEncodings"`
		} `json:"general"`
	} `json:"capabilities"`
}

type initializeResult struct {
	Capabilities capabilities `json:"capabilities"`
	Server       serverInfo   `json:"serverInfo"`
}

type serverInfo struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type capabilities struct {
	PositionEncoding string            `json:"positionEncoding"`
	Sync             syncOptions       `json:"textDocumentSync"`
	Hover            bool              `json:"hoverProvider"`
	Definition       bool              `json:"definitionProvider"`
	Symbols          bool              `json:"documentSymbolProvider"`
	Formatting       bool              `json:"documentFormattingProvider"`
	Completion       completionOptions `json:"completionProvider"`
}

type syncOptions struct {
	OpenClose bool `json:"openClose"`
	Change    int  `json:"change"` // 1: the whole text
	Save      bool `json:"save"`
}

type completionOptions struct {
	Triggers []string `json:"triggerCharacters,omitempty"`
}

type publishParams struct {
	URI         string       `json:"uri"`
	Version     *int         `json:"version,omitempty"`
	Diagnostics []diagnostic `json:"diagnostics"`
}

type diagnostic struct {
	Range    textRange `json:"range"`
	Severity int       `json:"severity"`
	Source   string    `json:"source"`
	Message  string    `json:"message"`
}

// Severities of a diagnostic.
const (
	severityError   = 1
	severityWarning = 2
)

type hoverResult struct {
	Contents markup    `json:"contents"`
	Range    textRange `json:"range"`
}

type markup struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

type textEdit struct {
	Range textRange `json:"range"`
	Text  string    `json:"newText"`
}

type completionItem struct {
	Label         string  `json:"label"`
	Kind          int     `json:"kind"`
	Detail        string  `json:"detail,omitempty"`
	Documentation *markup `json:"documentation,omitempty"`
}

// Kinds of a completionItem.
const (
	completesMethod  = 2
	completesClass   = 7
	completesKeyword = 14
	completesStruct  = 22
	completesType    = 25
)

type documentSymbol struct {
	Name      string           `json:"name"`
	Detail    string           `json:"detail,omitempty"`
	Kind      int              `json:"kind"`
	Range     textRange        `json:"range"`
	Selection textRange        `json:"selectionRange"`
	Children  []documentSymbol `json:"children,omitempty"`
}

// Kinds of a documentSymbol.
const (
	symbolClass    = 5
	symbolMethod   = 6
	symbolField    = 8
	symbolEnum     = 10 // a switch
	symbolConstant = 14 // a keyword
	symbolStruct   = 23
	symbolType     = 26
)

type messageParams struct {
	Type    int    `json:"type"`
	Message string `json:"message"`
}
