/** Texts whose reading is known to matter, by what they are. */
export const KNOWN_TEXTS: Readonly<Record<string, string>> = {
  'a full configuration': `agent_address = "/spiffe-workload-api/spire-agent.sock"
cert_dir = "/etc/haproxy/spiffe"
svid_file_name = "svid.pem"
svid_key_file_name = "svid.pem.key"
svid_bundle_file_name = "bundle.pem"
add_intermediates_to_bundle = false
# health checks
health_checks {
  listener_enabled = true
  bind_port = 8081
  liveness_path = "/live"
  readiness_path = "/ready"
}
`,
  'a TOML section': 'agent_address = "/a"\n[health_checks]\nlistener_enabled = true\n',
  'a colon after a key': 'agent_address: "/a"\n',
  'an unquoted path': 'agent_address = /a/b\n',
  'single quotes': "agent_address = '/a'\n",
  'a semicolon comment': '; comment\nagent_address = "/a"\n',
  'a byte order mark': '\ufeffagent_address = "/a"\n',
  'a quoted boolean': 'daemon_mode = "true"\n',
  'a quoted boolean in a block': 'health_checks {\n  listener_enabled = "true"\n}\n',
  'a number for a boolean': 'daemon_mode = 1\n',
  'yes for a boolean': 'daemon_mode = yes\n',
  'a quoted port': 'health_checks {\n  bind_port = "8081"\n}\n',
  'a port of letters': 'health_checks {\n  bind_port = "abc"\n}\n',
  'an empty port': 'health_checks {\n  bind_port = ""\n}\n',
  'a block that is assigned': 'health_checks = {\n  bind_port = 8082\n}\n',
  'two blocks of one name': 'health_checks {\n bind_port = 1\n}\nhealth_checks {\n liveness_path = "/l"\n}\n',
  'a block with a label': 'health_checks "x" {\n bind_port = 1\n}\n',
  'carriage returns': 'agent_address = "/a"\r\ncert_dir = "/b"\r\n',
  'two settings on a line': 'agent_address="/a" cert_dir="/b"\n',
  'trailing commas': 'agent_address = "/a",\ncert_dir = "/b",\n',
  'a JSON file': '{"agent_address": "/a", "health_checks": {"listener_enabled": true, "bind_port": 8081}}',
  'a dotted key': 'health_checks.listener_enabled = true\n',
  'a port at the top level': 'bind_port = 8081\n',
  'a misspelt block': 'health_check {\n}\n',
  'an unclosed block': 'health_checks {\n  bind_port = 8081\n',
  'a missing equals sign': 'agent_address "/a"\n',
  'a key in another case': 'Agent_Address = "/a"\n',
  'an octal mode': 'key_file_mode = 0600\n',
  'a quoted octal mode': 'key_file_mode = "0600"\n',
  'a decimal mode': 'key_file_mode = 600\n',
  'a quoted decimal mode': 'key_file_mode = "600"\n',
  'a variable in a value': ['cert_dir = "$', '{HOME}/x"\n'].join(''),
  'a template in a value': 'cert_dir = "{{ .Values.dir }}"\n',
  'an empty file': '',
  'a key set twice': 'hint = "a"\nhint = "b"\n',
  'camel case': 'agentAddress = "/a"\ncertDir = "/b"\n',
  'JWT identities as a list': 'jwt_svids = [{jwt_audience="a", jwt_svid_file_name="b"}]\n',
  'JWT identities as a block': 'jwt_svids {\n jwt_audience = "a"\n jwt_svid_file_name = "b"\n}\n',
  'an unknown key of a JWT identity': 'jwt_svids = [{jwt_audience="a", audience="b"}]\n',
  'an unquoted word': 'cert_dir = spiffe\n',
  'a value cut off by the end': 'cert_dir =',
  'a string without its end': 'cert_dir = "/a\nhint = "b"\n',
  'a string that kills the library': 'cert_dir = "\\400"\n',
};
