// Decodes configurations with the library that spiffe-helper uses. Reads one base64 text a line on standard input and
// writes one JSON object a line: what the library made of it.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"github.com/hashicorp/hcl"
	"github.com/hashicorp/hcl/hcl/token"
)

type unusedKeys map[string][]token.Pos

type healthChecks struct {
	ListenerEnabled bool   `hcl:"listener_enabled"`
	BindPort        int    `hcl:"bind_port"`
	LivenessPath    string `hcl:"liveness_path"`
	ReadinessPath   string `hcl:"readiness_path"`
}

type jwtSvid struct {
	Audience       string     `hcl:"jwt_audience"`
	ExtraAudiences []string   `hcl:"jwt_extra_audiences"`
	FileName       string     `hcl:"jwt_svid_file_name"`
	Unused         unusedKeys `hcl:",unusedKeyPositions"`
}

// The fields of spiffe-helper's structure in its order, which decides about the error that is reported.
type helperConfig struct {
	AddIntermediatesToBundle bool         `hcl:"add_intermediates_to_bundle"`
	AgentAddress             string       `hcl:"agent_address"`
	Cmd                      string       `hcl:"cmd"`
	CmdArgs                  string       `hcl:"cmd_args"`
	PidFileName              string       `hcl:"pid_file_name"`
	CertDir                  string       `hcl:"cert_dir"`
	CertFileMode             int          `hcl:"cert_file_mode"`
	KeyFileMode              int          `hcl:"key_file_mode"`
	JwtBundleFileMode        int          `hcl:"jwt_bundle_file_mode"`
	JwtSvidFileMode          int          `hcl:"jwt_svid_file_mode"`
	IncludeFederatedDomains  bool         `hcl:"include_federated_domains"`
	OmitExpired              bool         `hcl:"omit_expired"`
	RenewSignal              string       `hcl:"renew_signal"`
	DaemonMode               *bool        `hcl:"daemon_mode"`
	HealthChecks             healthChecks `hcl:"health_checks"`
	Hint                     string       `hcl:"hint"`
	SvidFileName             string       `hcl:"svid_file_name"`
	SvidKeyFileName          string       `hcl:"svid_key_file_name"`
	SvidBundleFileName       string       `hcl:"svid_bundle_file_name"`
	JwtSvids                 []jwtSvid    `hcl:"jwt_svids"`
	JwtBundleFileName        string       `hcl:"jwt_bundle_file_name"`
	Unused                   unusedKeys   `hcl:",unusedKeyPositions"`
}

type outcome struct {
	How     string         `json:"how"`
	Message string         `json:"message,omitempty"`
	Values  map[string]any `json:"values,omitempty"`
}

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	answers := json.NewEncoder(out)
	for scanner.Scan() {
		text, err := base64.StdEncoding.DecodeString(scanner.Text())
		if err != nil {
			panic(err)
		}
		if err := answers.Encode(decode(string(text))); err != nil {
			panic(err)
		}
	}
}

func decode(text string) (result outcome) {
	defer func() {
		if reason := recover(); reason != nil {
			result = outcome{How: "panic", Message: encode(fmt.Sprint(reason))}
		}
	}()
	var config helperConfig
	if err := hcl.Decode(&config, text); err != nil {
		return outcome{How: "error", Message: encode(err.Error())}
	}
	return outcome{How: "ok", Values: values(config)}
}

// Texts are base64 since they may hold any byte, numbers are decimal texts since JSON's are not exact.
func values(c helperConfig) map[string]any {
	jwt := []any{}
	for _, svid := range c.JwtSvids {
		extra := []string{}
		for _, audience := range svid.ExtraAudiences {
			extra = append(extra, encode(audience))
		}
		jwt = append(jwt, map[string]any{
			"jwt_audience": encode(svid.Audience), "jwt_extra_audiences": extra,
			"jwt_svid_file_name": encode(svid.FileName), "unused": names(svid.Unused),
		})
	}
	daemon := "unset"
	if c.DaemonMode != nil {
		daemon = fmt.Sprint(*c.DaemonMode)
	}
	return map[string]any{
		"add_intermediates_to_bundle": c.AddIntermediatesToBundle, "agent_address": encode(c.AgentAddress),
		"cmd": encode(c.Cmd), "cmd_args": encode(c.CmdArgs), "pid_file_name": encode(c.PidFileName),
		"cert_dir": encode(c.CertDir), "cert_file_mode": fmt.Sprint(c.CertFileMode),
		"key_file_mode": fmt.Sprint(c.KeyFileMode), "jwt_bundle_file_mode": fmt.Sprint(c.JwtBundleFileMode),
		"jwt_svid_file_mode": fmt.Sprint(c.JwtSvidFileMode), "include_federated_domains": c.IncludeFederatedDomains,
		"omit_expired": c.OmitExpired, "renew_signal": encode(c.RenewSignal), "daemon_mode": daemon,
		"health_checks": map[string]any{
			"listener_enabled": c.HealthChecks.ListenerEnabled, "bind_port": fmt.Sprint(c.HealthChecks.BindPort),
			"liveness_path": encode(c.HealthChecks.LivenessPath), "readiness_path": encode(c.HealthChecks.ReadinessPath),
		},
		"hint": encode(c.Hint), "svid_file_name": encode(c.SvidFileName),
		"svid_key_file_name": encode(c.SvidKeyFileName), "svid_bundle_file_name": encode(c.SvidBundleFileName),
		"jwt_svids": jwt, "jwt_bundle_file_name": encode(c.JwtBundleFileName), "unused": names(c.Unused),
	}
}

// Unused keys with their positions: `name@line:column,line:column`, sorted.
func names(unused unusedKeys) []string {
	list := []string{}
	for name, places := range unused {
		entry := encode(name) + "@"
		for index, place := range places {
			if index > 0 {
				entry += ","
			}
			entry += place.String()
		}
		list = append(list, entry)
	}
	sort.Strings(list)
	return list
}

func encode(text string) string {
	return base64.StdEncoding.EncodeToString([]byte(text))
}
