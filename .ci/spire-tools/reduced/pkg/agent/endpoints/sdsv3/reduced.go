// Package sdsv3 stands where Envoy's secret discovery service would be.
package sdsv3


type Server struct{}

type Config struct {
	Attestor                    any
	Manager                     any
	DefaultSVIDName             string
	DefaultBundleName           string
	DefaultAllBundlesName       string
	DisableSPIFFECertValidation bool
}

func New(Config) Server { return Server{} }
