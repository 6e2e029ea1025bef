package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/storage"
	"natstron/storage/dump"
)

func dbExport(c *cli.Context) error {
	if c.NArg() > 1 {
		return cmdline.Misused(c, "give one file")
	}
	return readDB(c, func(ctx context.Context, _ chosenDB, r storage.Reader) error {
		return export(ctx, c, r)
	})
}

// export writes all objects to the file that the command line names, or to its output.
func export(ctx context.Context, c *cli.Context, r storage.Reader) (err error) {
	p := newProgress(c.App.ErrWriter, "exported")
	defer p.end()
	lost := 0
	write := func(w io.Writer) error {
		return dump.Write(ctx, w, r, func(id wire.DoID, err error) {
			lost++
			p.tell("%d: %v", id, reasonOf(err))
		}, p.add)
	}
	if c.NArg() == 0 || c.Args().First() == "-" {
		err = write(c.App.Writer)
	} else {
		err = writeWhole(c.Args().First(), write)
	}
	if err != nil {
		return err
	}
	p.end()
	fmt.Fprintf(c.App.ErrWriter, "exported %d objects\n", p.count())
	if lost > 0 {
		return fmt.Errorf("%d objects cannot be read at all, and are not in the export", lost)
	}
	return nil
}

// writeWhole writes a file: all of it, or none. A link stays, and what it leads to is
// written. What is no file, such as a pipe or /dev/stdout, and a file whose folder takes no
// new ones, such as one that is mounted alone into a container, is written in place.
func writeWhole(name string, write func(w io.Writer) error) error {
	info, err := os.Stat(name)
	there := err == nil
	if there && !info.Mode().IsRegular() {
		return writeInPlace(name, write)
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil && there {
		return writeInPlace(name, write)
	}
	if err != nil {
		return fmt.Errorf("%w\nName a file in a folder that you can write to, or none for standard output", err)
	}
	defer os.Remove(tmp.Name()) // nothing is there when it was renamed
	err = write(tmp)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

// writeInPlace writes over what is there. If it fails halfway, that is gone.
func writeInPlace(name string, write func(w io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func dbImport(c *cli.Context) (err error) {
	if c.NArg() != 1 {
		return cmdline.Misused(c, "name one source: a file, a folder, mongodb://..., or - for standard input")
	}
	d, err := chooseDB(c)
	if err != nil {
		return err
	}
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	ids := d.role.Generate
	source, closeSource, err := importSource(c, d, ids)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeSource()) }()
	store, err := d.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	p := newProgress(c.App.ErrWriter, "imported")
	defer p.end()
	result, err := dump.Copy(ctx, source, store, ids, dump.Options{
		Replace: c.Bool("replace"),
		Form:    func(o storage.Object) storage.Object { return storage.Formed(o, d.indexes()) },
		Copied:  p.add,
		Problem: func(id wire.DoID, err error) { p.tell("%s", problemText(id, err)) },
	})
	p.end()
	summariseImport(c.App.ErrWriter, result, ids)
	switch {
	case err != nil:
		return fmt.Errorf("%w\nThe import stopped. What was imported stays in the database; run it again to continue", err)
	case result.Problems > 0:
		return fmt.Errorf("%d objects were not imported", result.Problems)
	}
	return nil
}

func problemText(id wire.DoID, err error) string {
	text := reasonOf(err)
	if errors.Is(err, storage.ErrExists) {
		text += "; --replace replaces it"
	}
	if id == 0 {
		return text
	}
	return fmt.Sprintf("%d: %s", id, text)
}

// importSource opens what SOURCE names.
func importSource(c *cli.Context, d chosenDB, ids storage.Range) (dump.Source, func() error, error) {
	name := c.Args().First()
	if name == "-" {
		var in io.Reader = os.Stdin
		if c.App.Reader != nil {
			in = c.App.Reader
		}
		return dump.ReadLines(in), func() error { return nil }, nil
	}
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && !isSQLite(name) {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		return dump.ReadLines(f), f.Close, nil
	}
	r, err := openSource(c.Context, name, ids, d.file)
	if err != nil {
		return nil, nil, err
	}
	return dump.From(r), r.Close, nil
}

func summariseImport(w io.Writer, r dump.Result, ids storage.Range) {
	fmt.Fprintf(w, "imported %d objects: %d new, %d replaced, %d there already", r.New+r.Replaced+r.Same, r.New, r.Replaced, r.Same)
	if r.Problems > 0 {
		fmt.Fprintf(w, "; %d not imported", r.Problems)
	}
	fmt.Fprintln(w)
	if r.Outside > 0 {
		fmt.Fprintf(w, "%d of their ids are outside generate, %d to %d: these objects are served, but their ids are not given again\n", r.Outside, ids.Min, ids.Max)
	}
	if r.IDs != nil {
		fmt.Fprintf(w, "the next id is %d, %d are free\n", r.IDs.Next, len(r.IDs.Free))
	}
}
