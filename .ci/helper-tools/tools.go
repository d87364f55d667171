//go:build tools

package tools

import _ "github.com/spiffe/spiffe-helper/cmd/spiffe-helper"
