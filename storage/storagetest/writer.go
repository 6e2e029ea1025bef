package storagetest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
)

// Tests of crashes run their test binary as a second process, which writes and says on its
// standard output what was answered, and kill it.

// crashRoundsEnv is how often.
const crashRoundsEnv = "NATSTRON_CRASH_ROUNDS"

// KillRounds is how often a writer is killed.
func KillRounds(t *testing.T) int {
	text := os.Getenv(crashRoundsEnv)
	if text == "" {
		return 5
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", crashRoundsEnv, err)
	}
	return n
}

// Say says a line.
type Say func(format string, args ...any)

// WriteUntilKilled is the second process: so many goroutines write again and again. It returns
// with the first error.
func WriteUntilKilled(writers int, write func(say Say) error) error {
	say := func(format string, args ...any) {
		fmt.Fprintf(os.Stdout, format+"\n", args...) // one write: lines never mix
	}
	failed := make(chan error, writers)
	for range writers {
		go func() {
			for {
				if err := write(say); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// KillWriter runs the second process, whose TestMain finds value in env, and kills it when it
// has said so many lines. line gets each of them.
func KillWriter(t *testing.T, env, value string, after int, line func(string) error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env+"="+value)
	out, err := cmd.StdoutPipe()
	Must(t, err)
	Must(t, cmd.Start())
	var kill sync.Once
	stop := func() { kill.Do(func() { _ = cmd.Process.Kill() }) } // it may be dead already
	defer stop()
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		Must(t, line(lines.Text()))
		if n == after {
			stop()
		}
	}
	_ = cmd.Wait() // killed
}
