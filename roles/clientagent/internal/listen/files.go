package listen

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path"
	"strings"
	"time"
)

// files is a folder whose files anyone may read: nothing outside it, whatever links are in it,
// nothing whose name begins with a dot, and no list of what is there. One connection gets one
// answer, in the time that a handshake may take.
type files struct{ root *os.Root }

// errServed says that a connection was for a file.
var errServed = errors.New("the browser got its answer")

func openFiles(folder string) (*files, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	return &files{root}, nil
}

func (f *files) close() {
	if f != nil {
		_ = f.root.Close() // nothing was written
	}
}

// types are the types of files, by their endings: those of the system would depend on what is
// installed. Any other file is one to be saved.
var types = map[string]string{
	".css":         "text/css; charset=utf-8",
	".gif":         "image/gif",
	".glb":         "model/gltf-binary",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".map":         "application/json",
	".mjs":         "text/javascript; charset=utf-8",
	".mp3":         "audio/mpeg",
	".mp4":         "video/mp4",
	".ogg":         "audio/ogg",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".woff2":       "font/woff2",
}

// answer answers one request, and ends the connection.
func (f *files) answer(a *answer, r *http.Request) {
	h := a.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache") // ask again whether it has changed
	f.serve(a, r)
	finish(a.conn)
}

func (f *files) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "files can only be read", http.StatusMethodNotAllowed)
		return
	}
	name, ok := fileName(r.URL.Path)
	if ok {
		var file *os.File
		if file, ok = f.open(name); ok {
			defer file.Close()
			serveFile(w, r, file)
			return
		}
	}
	http.Error(w, "there is no such file", http.StatusNotFound)
}

// fileName is the file that the path of a URL means, below the folder.
func fileName(url string) (name string, ok bool) {
	name = strings.TrimPrefix(url, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00") {
		return "", false
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return "", false
		}
	}
	return name, true
}

// open opens a regular file: opening others could wait for ever.
func (f *files) open(name string) (file *os.File, ok bool) {
	info, err := f.root.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	file, err = f.root.Open(name)
	return file, err == nil
}

func serveFile(w http.ResponseWriter, r *http.Request, file *os.File) {
	info, err := file.Stat()
	if err != nil {
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	kind := types[strings.ToLower(path.Ext(info.Name()))]
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", info.ModTime(), file)
}

// finish waits until the other side has read what was sent and has closed, in bounded time:
// closing at once would throw away what is still on its way.
func finish(conn net.Conn) {
	_ = conn.SetReadDeadline(time.Now().Add(goodbye)) // if that fails, the handshake's deadline holds
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the reader finds out
	}
	_, _ = io.CopyN(io.Discard, conn, maxRequest) // it is closed in any case
}
