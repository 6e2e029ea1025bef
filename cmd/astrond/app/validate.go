package app

import (
	"errors"
	"fmt"
	"strings"

	"natstron/dc"
	"natstron/internal/config"
	"natstron/roles/clientagent"
)

// validate finds everything that would keep astrond from running a
// configuration and that can be known without opening a port. Names of files are
// relative to dir. The file is what the DC files declare, nothing where there are
// none. classes are the client classes that the program has besides libastron. The
// error is a [*config.Error] with all faults.
func validate(cfg *config.Config, dir string, classes clientagent.Classes) (*dc.File, error) {
	faults := refuseSoci(cfg)
	faults = append(faults, checkClientTypes(cfg, classes)...)
	var missing *config.Error
	if err := cfg.CheckFiles(dir); errors.As(err, &missing) {
		faults = append(faults, missing.Faults...)
	}
	var file *dc.File
	if !anyUnder(faults, "general.dc_files") {
		var more []config.Fault
		file, more = readDC(cfg, dir)
		faults = append(faults, more...)
		if file != nil {
			faults = append(faults, checkUberdogs(cfg, file)...)
		}
	}
	if len(faults) > 0 {
		return nil, &config.Error{Faults: faults}
	}
	return file, nil
}

func anyUnder(faults []config.Fault, path string) bool {
	for _, f := range faults {
		if strings.HasPrefix(f.Path, path) {
			return true
		}
	}
	return false
}

// readDC reads the DC files. What is wrong in them comes as faults at their
// lines; then the file is nil.
func readDC(cfg *config.Config, dir string) (*dc.File, []config.Fault) {
	file, err := dc.ParseFiles(inDir(dir, cfg.General.DCFiles)...)
	var wrong dc.Errors
	switch {
	case err == nil:
		return file, nil
	case errors.As(err, &wrong):
		var faults []config.Fault
		for _, e := range wrong {
			faults = append(faults, dcFault(e))
		}
		return nil, faults
	default:
		return nil, []config.Fault{cfg.Fault("general.dc_files", err.Error(), "")}
	}
}

func dcFault(e *dc.Error) config.Fault {
	return config.Fault{
		Pos:     config.Pos{File: e.File, Line: e.Line, Column: e.Column},
		Problem: e.Msg,
		Text:    e.Text,
		Caret:   max(strings.Index(e.Caret, "^"), 0),
	}
}

// doubts are what the DC files say that hardly was meant; file may be nil.
func doubts(file *dc.File) []config.Fault {
	if file == nil {
		return nil
	}
	var doubts []config.Fault
	for _, w := range file.Warnings() {
		doubts = append(doubts, dcFault(w))
	}
	return doubts
}

// inDir is the names of files, relative to dir where they are relative.
func inDir(dir string, names []string) []string {
	var paths []string
	for _, name := range names {
		paths = append(paths, within(dir, name))
	}
	return paths
}

// checkUberdogs looks for the uberdogs' classes in the DC files.
func checkUberdogs(cfg *config.Config, file *dc.File) []config.Fault {
	var faults []config.Fault
	for i, u := range cfg.Uberdogs {
		if c, ok := file.ClassByName(u.Class); !ok || c.IsStruct() {
			faults = append(faults, cfg.Fault(fmt.Sprintf("uberdogs[%d].class", i),
				fmt.Sprintf("the DC files have no dclass %s", u.Class), "write a dclass of theirs, in its exact spelling"))
		}
	}
	return faults
}
