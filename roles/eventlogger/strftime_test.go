package eventlogger

import (
	"strings"
	"testing"
	"time"
)

// What the C library makes of these times, in the C locale. They stand at the
// edges of years and weeks.
var strftimes = map[string]string{
	"2013-09-17 12:00:00": "a=Tue|A=Tuesday|b=Sep|B=September|c=Tue Sep 17 12:00:00 2013|C=20|d=17|D=09/17/13|e=17|F=2013-09-17|g=13|G=2013|h=Sep|H=12|I=12|j=260|m=09|M=00|p=PM|r=12:00:00 PM|R=12:00|S=00|T=12:00:00|u=2|U=37|V=38|w=2|W=37|x=09/17/13|X=12:00:00|y=13|Y=2013",
	"2016-01-01 00:05:09": "a=Fri|A=Friday|b=Jan|B=January|c=Fri Jan  1 00:05:09 2016|C=20|d=01|D=01/01/16|e= 1|F=2016-01-01|g=15|G=2015|h=Jan|H=00|I=12|j=001|m=01|M=05|p=AM|r=12:05:09 AM|R=00:05|S=09|T=00:05:09|u=5|U=00|V=53|w=5|W=00|x=01/01/16|X=00:05:09|y=16|Y=2016",
	"2021-01-03 23:59:59": "a=Sun|A=Sunday|b=Jan|B=January|c=Sun Jan  3 23:59:59 2021|C=20|d=03|D=01/03/21|e= 3|F=2021-01-03|g=20|G=2020|h=Jan|H=23|I=11|j=003|m=01|M=59|p=PM|r=11:59:59 PM|R=23:59|S=59|T=23:59:59|u=7|U=01|V=53|w=0|W=00|x=01/03/21|X=23:59:59|y=21|Y=2021",
	"2024-12-30 09:08:07": "a=Mon|A=Monday|b=Dec|B=December|c=Mon Dec 30 09:08:07 2024|C=20|d=30|D=12/30/24|e=30|F=2024-12-30|g=25|G=2025|h=Dec|H=09|I=09|j=365|m=12|M=08|p=AM|r=09:08:07 AM|R=09:08|S=07|T=09:08:07|u=1|U=52|V=01|w=1|W=53|x=12/30/24|X=09:08:07|y=24|Y=2024",
	"2012-12-31 13:00:00": "a=Mon|A=Monday|b=Dec|B=December|c=Mon Dec 31 13:00:00 2012|C=20|d=31|D=12/31/12|e=31|F=2012-12-31|g=13|G=2013|h=Dec|H=13|I=01|j=366|m=12|M=00|p=PM|r=01:00:00 PM|R=13:00|S=00|T=13:00:00|u=1|U=53|V=01|w=1|W=53|x=12/31/12|X=13:00:00|y=12|Y=2012",
	"2000-02-29 01:02:03": "a=Tue|A=Tuesday|b=Feb|B=February|c=Tue Feb 29 01:02:03 2000|C=20|d=29|D=02/29/00|e=29|F=2000-02-29|g=00|G=2000|h=Feb|H=01|I=01|j=060|m=02|M=02|p=AM|r=01:02:03 AM|R=01:02|S=03|T=01:02:03|u=2|U=09|V=09|w=2|W=09|x=02/29/00|X=01:02:03|y=00|Y=2000",
}

func TestStrftimeAgainstC(t *testing.T) {
	for text, want := range strftimes {
		at, err := time.Parse(time.DateTime, text)
		must(t, err)
		for _, c := range strings.Split(want, "|") {
			letter, want, _ := strings.Cut(c, "=")
			if got := pattern("%" + letter).at(at); got != want {
				t.Errorf("%s: %%%s is %q, want %q", text, letter, got, want)
			}
		}
	}
}

func TestStrftime(t *testing.T) {
	for p, want := range map[pattern]string{
		"":                            "",
		"events.log":                  "events.log",
		"events-%Y%m%d-%H%M%S.log":    "events-20130917-120000.log",
		"%%d %% é%d":                  "%d % é17",
		"%z %Z":                       "+0200 EET",
		"%s":                          "1379412000",
		"a%nb%tc":                     "a\nb\tc",
		"/var/log/el-%Y-%m-%d-%H.log": "/var/log/el-2013-09-17-12.log",
	} {
		if problem, _ := p.check(); problem != "" {
			t.Errorf("%q: %s", p, problem)
		}
		if got := p.at(time.Date(2013, 9, 17, 12, 0, 0, 0, time.FixedZone("EET", 2*60*60))); got != want {
			t.Errorf("%q is %q, want %q", p, got, want)
		}
	}
}

func TestPatternsThatAreNone(t *testing.T) {
	for _, p := range []string{"%", "a%", "%Q", "%%%", "%é", "%-d", "%Y%"} {
		if problem, fix := pattern(p).check(); problem == "" || fix == "" {
			t.Errorf("%q was taken", p)
		}
		if _, err := New(Options{Output: p}); err == nil {
			t.Errorf("%q was taken for output", p)
		}
	}
}
