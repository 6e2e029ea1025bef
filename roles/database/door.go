package database

import "natstron/bridge"

// door is where requests come in: the inbox, with a word on whether the queue behind
// it has more than it should. Connections of this process that sent it something
// are not read meanwhile, so that whoever asks for more than the database can do is
// slowed down before anything has to be refused.
type door struct {
	*bridge.Inbox
	queue *queue
}

// Crowded implements bridge.Crowd.
func (d door) Crowded() <-chan struct{} {
	if relief := d.Inbox.Crowded(); relief != nil {
		return relief
	}
	return d.queue.crowded()
}
