// Package browser drives a headless Chromium for tests, over its DevTools
// protocol (https://chromedevtools.github.io/devtools-protocol): as much of it as
// it takes to open a page, look at it and click.
package browser
