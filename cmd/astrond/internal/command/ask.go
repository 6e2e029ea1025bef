package command

import (
	"context"
	"encoding/json"
	"time"

	"natstron/bridge/watch"
	"natstron/cmd/astrond/internal/cmdline"
)

// answerTime is how long the processes have to answer.
const answerTime = time.Second

// operator asks the processes of a cluster to do something. It is not a node.
type operator struct {
	*watch.Asker
	may string // what its user must be permitted
}

// operatorOf connects to a cluster; Close must follow.
func operatorOf(at cmdline.Cluster, name string) (operator, error) {
	a, err := watch.Connect(watch.AskerOptions{Server: at.Server, Subjects: at.Subjects, Name: name})
	if err != nil {
		return operator{}, cmdline.NoBackbone(err, "")
	}
	return operator{a, "publish to " + at.Subjects.Control() + ".> and subscribe to _INBOX.>"}, nil
}

// ask returns the answers that come in time, as they come. more takes each of them, and
// says whether to wait for others.
func ask[A any](ctx context.Context, o operator, question string, request any, more func(A) bool) (answers []A, err error) {
	text, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	err = o.Ask(ctx, question, text, func(text []byte) bool {
		var a A
		if json.Unmarshal(text, &a) != nil {
			return true // of another version, perhaps
		}
		answers = append(answers, a)
		return more(a)
	})
	return answers, cmdline.Refused(err, o.may)
}
