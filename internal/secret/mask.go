package secret

import "strings"

// Masked is what stands for a secret.
const Masked = "***"

// MaskURL is a URL without its user, password and query, for people to see.
func MaskURL(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		if url == "" {
			return ""
		}
		return Masked
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = Masked + rest[i:]
	}
	if i := strings.IndexByte(rest, '?'); i >= 0 {
		rest = rest[:i] + "?" + Masked
	}
	return scheme + "://" + rest
}

// MaskURLs is several URLs without what [MaskURL] leaves out, with commas between.
func MaskURLs(urls []string) string {
	var masked []string
	for _, u := range urls {
		masked = append(masked, MaskURL(u))
	}
	return strings.Join(masked, ",")
}
