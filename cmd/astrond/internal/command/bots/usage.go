package bots

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// Usage is what a process has used so far; zero where the system does not tell.
type Usage struct {
	CPU            time.Duration
	Resident, Peak int64 // bytes
}

// UsageOf asks for the process with that id, or for this one, which is "self".
func UsageOf(process string) (u Usage) {
	stat, err := os.ReadFile("/proc/" + process + "/stat")
	if err != nil {
		return u
	}
	if fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]); len(fields) > 12 {
		const tick = time.Second / 100 // as Linux tells it to every program
		for _, f := range fields[11:13] {
			n, _ := strconv.ParseInt(string(f), 10, 64) // 0 if it is not a number
			u.CPU += time.Duration(n) * tick
		}
	}
	status, _ := os.ReadFile("/proc/" + process + "/status") // it has just been there
	u.Resident, u.Peak = kilobytes(status, "VmRSS:"), kilobytes(status, "VmHWM:")
	return u
}

func kilobytes(status []byte, name string) int64 {
	_, rest, _ := bytes.Cut(status, []byte(name))
	fields := bytes.Fields(rest[:min(len(rest), 40)])
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(string(fields[0]), 10, 64) // 0 if it is not a number
	return n << 10
}
