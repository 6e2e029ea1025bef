package database

import (
	"context"
	"os"
	"testing"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
)

// hooked is a store whose calls can be held up, or made to fail.
type hooked struct {
	storage.Store
	before func(ctx context.Context, op string, id wire.DoID) error
}

func (h *hooked) Create(ctx context.Context, class string, fields document.Document) (wire.DoID, error) {
	if err := h.before(ctx, "create", 0); err != nil {
		return 0, storage.Fail("create", 0, err)
	}
	return h.Store.Create(ctx, class, fields)
}

func (h *hooked) Get(ctx context.Context, id wire.DoID) (storage.Object, error) {
	if err := h.before(ctx, "get", id); err != nil {
		return storage.Object{}, storage.Fail("get", id, err)
	}
	return h.Store.Get(ctx, id)
}

func (h *hooked) Update(ctx context.Context, id wire.DoID, u storage.Update) error {
	if err := h.before(ctx, "update", id); err != nil {
		return storage.Fail("update", id, err)
	}
	return h.Store.Update(ctx, id, u)
}

func (h *hooked) Delete(ctx context.Context, id wire.DoID) error {
	if err := h.before(ctx, "delete", id); err != nil {
		return storage.Fail("delete", id, err)
	}
	return h.Store.Delete(ctx, id)
}

// rename takes a file that is in use away.
func rename(t *testing.T, path string) {
	t.Helper()
	if err := os.Rename(path, path+".away"); err != nil {
		t.Skip("this system does not let a file in use be removed:", err)
	}
}
