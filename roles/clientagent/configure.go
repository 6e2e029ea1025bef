package clientagent

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/netip"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/config"
)

// FromConfig is the options that a role of a configuration asks for. pools is one
// for the whole process. What else only the process has is left to the caller:
// Event and Class. An error at a place of the configuration is a [*config.Error].
func FromConfig(cfg *config.Config, role *config.ClientAgent, file *dc.File, pools *ChannelPools, log *slog.Logger) (Options, error) {
	uberdogs, err := configuredUberdogs(cfg, file)
	if err != nil {
		return Options{}, err
	}
	listeners, err := configuredListeners(cfg, role, log)
	if err != nil {
		return Options{}, err
	}
	client, limits := &role.Client, &role.Limits
	return Options{
		Label:     fmt.Sprintf("clientagent[%s]", role.Bind),
		Log:       log,
		File:      file,
		Hash:      role.ManualDCHash,
		Version:   role.Version,
		Channels:  pools.Get(role.Channels.Min, role.Channels.Max),
		Uberdogs:  uberdogs,
		Listeners: listeners,

		Relocate:        bool(client.Relocate),
		Interests:       permission(client.AddInterest),
		AnyText:         client.Text == config.TextAny,
		HideHash:        !bool(client.SendHash),
		HideVersion:     !bool(client.SendVersion),
		InterestTimeout: role.Tuning.InterestTimeout.Std(),
		DrainTimeout:    role.DrainTimeout.Std(),

		Limits: Limits{
			Handshake:         limits.Handshake.Std(),
			Hello:             limits.Hello.Std(),
			Login:             limits.Login.Std(),
			Host:              limits.Host.Std(),
			Heartbeat:         client.HeartbeatTimeout.Std(),
			WriteBuffer:       int(client.WriteBufferSize),
			WriteTimeout:      client.WriteTimeout.Std(),
			MaxQueue:          int(limits.MaxQueue),
			MaxQueueTotal:     int(limits.MaxQueueTotal),
			ClientsPerAddress: limits.ClientsPerAddress,
			DatagramRate:      limits.DatagramRate,
			ByteRate:          int(limits.ByteRate),
			InterestZones:     limits.InterestZones,
			PendingInterests:  limits.PendingInterests,
		},
	}, nil
}

func permission(i config.Interest) InterestPermission {
	switch i {
	case config.InterestEnabled:
		return InterestsEnabled
	case config.InterestDisabled:
		return InterestsDisabled
	}
	return InterestsVisible
}

// faultAt is a fault of the configuration as an error.
func faultAt(cfg *config.Config, path, problem, fix string) error {
	return &config.Error{Faults: []config.Fault{cfg.Fault(path, problem, fix)}}
}

func configuredUberdogs(cfg *config.Config, file *dc.File) (map[wire.DoID]Uberdog, error) {
	uberdogs := map[wire.DoID]Uberdog{}
	for i, u := range cfg.Uberdogs {
		class, ok := file.ClassByName(u.Class)
		if !ok || class.IsStruct() || class.Undeclared() {
			return nil, faultAt(cfg, fmt.Sprintf("uberdogs[%d].class", i),
				fmt.Sprintf("no DC file has a class %q", u.Class), "write a class of general.dc_files")
		}
		uberdogs[u.ID] = Uberdog{Class: class, Anonymous: bool(u.Anonymous)}
	}
	return uberdogs, nil
}

// configuredListeners are the role's port, which is encrypted where there is a
// section tls, and its further ones.
func configuredListeners(cfg *config.Config, role *config.ClientAgent, log *slog.Logger) ([]Listener, error) {
	var encrypted *tls.Config
	if t := role.TLS; t != nil {
		var err error
		encrypted, err = LoadTLS(TLSFiles{
			Certificate: t.Certificate, Key: t.KeyFile, Chain: t.ChainFile,
			Authority: t.CertAuthority, MaxDepth: t.MaxVerifyDepth,
		}, log)
		if err != nil {
			return nil, faultAt(cfg, role.Path()+".tls", err.Error(), "name files in PEM that belong together")
		}
	}
	proxies := role.Proxies
	if len(proxies) == 0 {
		proxies = PrivateNetworks()
	}
	listeners := []Listener{{Address: role.Bind.String(), TLS: encrypted, Proxy: proxiesIf(bool(role.HAProxy), proxies)}}
	for _, l := range role.Listeners {
		next := Listener{
			Address:   l.Bind.String(),
			WebSocket: bool(l.WebSocket),
			Origins:   l.Origins,
			Proxy:     proxiesIf(bool(l.HAProxy), proxies),
		}
		if l.TLS {
			next.TLS = encrypted
		}
		listeners = append(listeners, next)
	}
	return listeners, nil
}

func proxiesIf(on bool, proxies []netip.Prefix) []netip.Prefix {
	if on {
		return proxies
	}
	return nil
}
