package web

import (
	"embed"
	"io/fs"
	"net/http"
)

// pageFiles is the status page: its scripts read what is under /api. Nothing of it is made
// by a tool.
//
//go:embed page
var pageFiles embed.FS

// pagePolicy tells the browser to run these scripts and use this style, and nothing else,
// whatever gets into the page.
const pagePolicy = "default-src 'none'; connect-src 'self'; img-src data:; style-src 'self'; script-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func newPage() (http.Handler, error) {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		return nil, err
	}
	serve := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", pagePolicy)
		serve.ServeHTTP(w, r)
	}), nil
}
