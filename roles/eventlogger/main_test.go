package eventlogger

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(floodEnv) != "" {
		flood()
		return
	}
	time.Local = time.UTC // file names in tests are the same everywhere
	goleak.VerifyTestMain(m)
}
