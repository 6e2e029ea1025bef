package astrond

import (
	"cmp"
	"fmt"
	"io"
	"runtime/debug"
)

// version may be set by the linker: -ldflags "-X natstron/astrond.version=1.2.3".
var version string

func printVersion(w io.Writer) error {
	_, err := io.WriteString(w, versionText())
	return err
}

// versionText is what --version prints: the reference's facts, of this build.
func versionText() string {
	v, revision, goVersion := version, "", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		v, goVersion = cmp.Or(v, info.Main.Version), info.GoVersion
		dirty := ""
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				dirty = ", with local changes"
			}
		}
		if revision != "" {
			revision += dirty
		}
	}
	return fmt.Sprintf(`astrond %s: the Astron server suite on a NATS backbone
Revision: %s
Built with %s
Sizes: datagrams with 16-bit length tags; 64-bit channels, 32-bit doIds, 32-bit zones
Components: Message Director
`, cmp.Or(v, "(devel)"), cmp.Or(revision, "not recorded by this build"), goVersion)
}
