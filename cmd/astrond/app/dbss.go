package app

import (
	"natstron/internal/config"
	"natstron/roles"
	"natstron/roles/dbss"
)

func (d *daemon) makeDBSS(role *config.DBSS) (roles.Role, error) {
	var ranges []dbss.Range
	for _, r := range role.Ranges {
		ranges = append(ranges, dbss.Range{Min: r.Min, Max: r.Max})
	}
	made, err := dbss.New(d.node, dbss.Options{
		Database: role.Database,
		Ranges:   ranges,
		File:     d.file,
		Timeout:  role.Timeout.Std(),
		Log:      component(d.log, "DBSS"),
	})
	if err != nil {
		return nil, fault(d.cfg, role.Path(), err.Error(), "")
	}
	return made, nil
}
