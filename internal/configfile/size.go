package configfile

import (
	"fmt"
	"strconv"
	"strings"
)

// size is a number of bytes. In the file it is plain bytes, or has a unit: KiB,
// MiB, GiB count by 1024, KB, MB, GB by 1000.
type size int64

type sizeUnit struct {
	name  string
	bytes size
}

// sizeUnits are in falling order, as String tries them.
var sizeUnits = []sizeUnit{
	{"GiB", 1 << 30}, {"GB", 1e9}, {"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"KB", 1e3}, {"B", 1},
}

// String is the size in the largest unit that leaves no rest.
func (s size) String() string {
	if s == 0 {
		return "0"
	}
	for _, u := range sizeUnits[:len(sizeUnits)-1] {
		if s%u.bytes == 0 {
			return fmt.Sprintf("%d%s", s/u.bytes, u.name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

func parseSize(text string) (size, *wrong) {
	digits, unit := leadingDigits(text)
	unit = strings.TrimLeft(unit, " ")
	bad := &wrong{show(text) + " is not a size", "write bytes, or a number with KiB, MiB, GiB, KB, MB or GB, such as 64MiB"}
	if digits == "" || len(digits) > 1 && digits[0] == '0' {
		return 0, bad
	}
	factor := size(1)
	if unit != "" {
		factor = 0
		for _, u := range sizeUnits {
			if strings.EqualFold(unit, u.name) {
				factor = u.bytes
			}
		}
		if factor == 0 {
			return 0, bad
		}
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	bytes, fits := times(n, uint64(factor))
	if err != nil || !fits {
		return 0, &wrong{show(text) + " is too large", "write less than 8589934592GiB"}
	}
	return size(bytes), nil
}
