package helm

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

// operators are the Secrets and ConfigMaps that the examples and releases name.
func operators(t testing.TB) map[string]map[string]string {
	t.Helper()
	certificate, key := certificate(t)
	return map[string]map[string]string{
		"park-dc": {
			"otp.dc":  "dclass LoginManager { login(string name) clsend airecv; };\ndclass ChatManager { say(string text) clsend airecv; };\n",
			"park.dc": "dclass Toon { setName(string name) required broadcast db ownsend; };\n",
		},
		"park-nats":        {"password": "1234"},
		"park-nats-ca":     {"ca.crt": certificate},
		"park-tls":         {"tls.crt": certificate, "tls.key": key},
		"park-mongodb":     {"uri": "mongodb://astron:secret@mongo-0.mongo,mongo-1.mongo/astron?replicaSet=rs0"},
		"park-web":         {"password": "secret"},
		"park-credentials": {"user.creds": "-----BEGIN NATS USER JWT-----\n…\n"},
	}
}

// certificate returns one that is its own authority, and its key, in PEM.
func certificate(t testing.TB) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, DNSNames: []string{"park.example.org"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

// Every astrond.yml of every release is one that `astrond check` has nothing to say of.
func TestConfigurations(t *testing.T) {
	bin := astrond(t)
	given := operators(t)
	for _, r := range releases {
		t.Run(r.name, func(t *testing.T) {
			count := 0
			for name, p := range schedule(t, r.rendered(t), given).pods {
				if !p.runsAstrond() {
					continue
				}
				count++
				if out, err := p.command(bin, "check", "astrond.yml").CombinedOutput(); err != nil {
					t.Errorf("%s: %v: %s", name, err, out)
				}
			}
			t.Logf("%d configurations", count)
			if count == 0 {
				t.Error("nothing was checked")
			}
		})
	}
}

// The ranges of client agents follow each other, for as many pods as there may be.
func TestChannelRanges(t *testing.T) {
	c := release{files: []string{"hello.yaml"}, values: "clientAgent: {firstChannel: 3000000000, channelsPerPod: 5000, maxReplicas: 40}"}.rendered(t)
	files := c.configMaps["game-natstron-clientagent"].Data
	if len(files) != 40 {
		t.Fatalf("there are ranges for %d pods", len(files))
	}
	for i := range 40 {
		text := files[fmt.Sprintf("game-natstron-clientagent-%d.yml", i)]
		want := fmt.Sprintf("    max: %d\n    min: %d\n", 3000000000+5000*(i+1)-1, 3000000000+5000*i)
		if !strings.Contains(text, want) {
			t.Errorf("pod %d lacks\n%sin\n%s", i, want, text)
		}
	}
}

// Go is told of less memory than the container may have.
func TestMemoryLimit(t *testing.T) {
	for limit, want := range map[string]string{"1Gi": "921MiB", "100Mi": "90MiB", "1.5Gi": "", "1e9": ""} {
		c := release{files: []string{"hello.yaml"}, values: "bridge: {resources: {limits: {memory: " + limit + "}}}"}.rendered(t)
		got := ""
		for _, e := range c.workloads["game-natstron-bridge"].template.Spec.Containers[0].Env {
			if e.Name == "GOMEMLIMIT" {
				got = e.Value
			}
		}
		if got != want {
			t.Errorf("limit %s: GOMEMLIMIT is %q, want %q", limit, got, want)
		}
	}
}
