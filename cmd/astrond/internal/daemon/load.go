package daemon

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"natstron/dc"
	"natstron/internal/config"
	"natstron/internal/configfile"
	"natstron/roles/clientagent"
	"natstron/roles/gamerole"
	"natstron/roles/stateserver"
	"natstron/storage"
)

// Load reads a configuration and finds everything that would keep astrond from running
// it and that can be known without opening a port, as far as what is wrong leaves it to
// be judged. The file is what the DC files declare, nothing where there are none. Where there are faults,
// the error is a [*configfile.Error] with all of them.
func Load(path string, ours Extensions) (*config.Config, *dc.File, error) {
	var faults []configfile.Fault
	add := func(err error) bool {
		var more *configfile.Error
		if errors.As(err, &more) {
			faults = append(faults, more.Faults...)
		}
		return err == nil || more != nil
	}
	cfg, err := config.Load(path, kinds(ours.Roles)...)
	if !add(err) || cfg == nil {
		return nil, nil, err
	}
	missing := cfg.CheckFiles()
	add(missing)
	faults = append(faults, checkClientTypes(cfg, ours.Classes)...)
	var file *dc.File
	if !slices.ContainsFunc(faults, func(f configfile.Fault) bool { return strings.HasPrefix(f.Path, "general.dc_files") }) {
		var err error
		if file, err = readDC(cfg); err != nil {
			add(err)
		} else {
			clientagent.CheckUberdogs(cfg.Uberdogs, file, func(problem, fix string, keys ...string) {
				if cfg.Sound(keys[0]) {
					faults = append(faults, cfg.Fault(keys[0], problem, fix))
				}
			})
			faults = append(faults, checkObjects(cfg, file)...)
			faults = append(faults, checkOwn(cfg, file, ours.Roles)...)
		}
	}
	if len(faults) > 0 {
		return cfg, file, configfile.InOrder(faults)
	}
	return cfg, file, nil
}

// checkClientTypes looks for the client types among those that the program has.
func checkClientTypes(cfg *config.Config, classes clientagent.Classes) []configfile.Fault {
	var faults []configfile.Fault
	for i, role := range cfg.Roles {
		if role.ClientAgent == nil || role.ClientAgent.ClientType == clientagent.Libastron {
			continue
		}
		if _, ok := classes.Get(role.ClientAgent.ClientType); !ok {
			faults = append(faults, cfg.Fault(config.RolePath(i)+".client.type",
				fmt.Sprintf("this astrond has no client type %q", role.ClientAgent.ClientType),
				"known types: "+strings.Join(classes.Names(), ", ")+"; a game's own type has to be compiled in"))
		}
	}
	return faults
}

// kinds are types of roles of the game's own, as the configuration reads them.
func kinds(types gamerole.Types) (all []configfile.Kind) {
	for _, name := range types.Names() {
		all = append(all, configfile.Kind{Name: name, Options: types[name].Options()})
	}
	return all
}

// checkOwn makes the roles of the game's own, which find out whether the DC files have what they
// need.
func checkOwn(cfg *config.Config, file *dc.File, types gamerole.Types) []configfile.Fault {
	var faults []configfile.Fault
	for i, role := range cfg.Roles {
		path := config.RolePath(i)
		if role.Own == nil || !cfg.Sound(path) {
			continue
		}
		if _, err := types[role.Own.Type].New(gamerole.Setup{Type: role.Own.Type, File: file, Options: role.Own.Options}); err != nil {
			faults = append(faults, cfg.Fault(path, err.Error(), ""))
		}
	}
	return faults
}

// checkObjects holds what roles say of classes and fields against the DC files.
func checkObjects(cfg *config.Config, file *dc.File) []configfile.Fault {
	var faults []configfile.Fault
	report := func(path string, err error, fix string) {
		if cfg.Sound(path) {
			faults = append(faults, cfg.Fault(path, err.Error(), fix))
		}
	}
	for i, role := range cfg.Roles {
		at := config.RolePath(i)
		switch {
		case role.ClientAgent != nil:
			role.ClientAgent.CheckClasses(file, func(problem, fix string, keys ...string) {
				report(at+"."+keys[0], errors.New(problem), fix)
			})
		case role.StateServer != nil:
			for _, f := range stateserver.CheckStatic(file, role.StateServer.Objects) {
				report(fmt.Sprintf("%s.objects[%d].%s", at, f.Index, f.Key), f.Err, "see what the DC files declare")
			}
		case role.Database != nil:
			for j, t := range role.Database.Objects {
				if _, ok := file.DClassByName(t.Class); !ok {
					report(fmt.Sprintf("%s.objects[%d].class", at, j), fmt.Errorf("the DC files have no dclass %s", t.Class),
						"write a dclass of theirs, in its exact spelling")
				}
			}
			for j, x := range role.Database.Index {
				if _, err := storage.FindIndex(file, x.Field, x.Unique); err != nil && x.Field != "" {
					report(fmt.Sprintf("%s.index[%d].field", at, j), err, "see what the DC files declare")
				}
			}
			fallthrough
		case role.DBSS != nil:
			if file.Inheritance().Single {
				report("general.dc_multiple_inheritance", fmt.Errorf("is false, and %s is a %s", at, role.Type()),
					"take the role out: without multiple inheritance a field's number alone does not say which field it is")
			}
		}
	}
	return faults
}

// readDC reads the DC files. What is wrong in them comes as faults at their lines.
func readDC(cfg *config.Config) (*dc.File, error) {
	file, err := cfg.General.Inheritance.ParseFiles(cfg.General.DCFiles...)
	var wrong dc.Errors
	switch {
	case err == nil:
		return file, nil
	case errors.As(err, &wrong):
		e := new(configfile.Error)
		for _, one := range wrong {
			e.Faults = append(e.Faults, dcFault(one))
		}
		return nil, e
	}
	return nil, fault(cfg, "general.dc_files", err.Error(), "")
}

func dcFault(e *dc.Error) configfile.Fault {
	return configfile.Fault{
		Pos:     configfile.Pos{File: e.File, Line: e.Line, Column: e.Column},
		Problem: e.Msg,
		Text:    e.Text,
		Caret:   max(strings.Index(e.Caret, "^"), 0),
	}
}

// Warnings are what is probably a mistake in the configuration and its DC files, but not
// a fault. Either may be nil.
func Warnings(cfg *config.Config, file *dc.File) []configfile.Fault {
	var warnings []configfile.Fault
	if cfg != nil {
		warnings = append(warnings, cfg.Warnings()...)
	}
	if file != nil {
		for _, w := range file.Warnings() {
			warnings = append(warnings, dcFault(w))
		}
	}
	return warnings
}
