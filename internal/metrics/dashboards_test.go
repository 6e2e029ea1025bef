package metrics

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// exported are all names that a scrape has.
func exported(t *testing.T) []string { return names(scrape(t, full)) }

// What the dashboards of Ardos for the message director, the client agent and the
// state server ask for is there.
func TestArdosDashboards(t *testing.T) {
	have := exported(t)
	for _, name := range []string{
		"md_participants_size", "md_subscribers_size", "md_observed_datagrams_total", "md_handled_datagrams_total", "md_datagrams_bytes_size",
		"ca_free_channels_size", "ca_participants_size", "ca_handled_datagrams_total", "ca_datagrams_bytes_size",
		"ca_interests_time_seconds", "ca_interests_timeout_total",
		"ss_objects_size", "ss_objects_bytes_size",
	} {
		if !slices.Contains(have, name) {
			t.Errorf("there is no %s", name)
		}
	}
}

// Every metric that a document or a dashboard of ours names is there.
func TestNamesInUse(t *testing.T) {
	have := exported(t)
	name := regexp.MustCompile(`\bastrond_[a-z_]+`)
	found := 0
	for _, dir := range []string{"docs", "examples"} {
		err := filepath.WalkDir(filepath.Join("..", "..", dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !slices.Contains([]string{".md", ".json", ".yml", ".yaml"}, filepath.Ext(path)) {
				return err
			}
			text, err := os.ReadFile(path)
			for _, used := range name.FindAllString(string(text), -1) {
				found++
				base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(used, "_bucket"), "_count"), "_sum")
				if !slices.Contains(have, used) && !slices.Contains(have, base) && used != "astrond_" {
					t.Errorf("%s names %s, which is not exported", path, used)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 50 {
		t.Errorf("only %d names were found", found)
	}
}
