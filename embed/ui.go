package embed

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
)

// webUI is the running web UI.
type webUI struct {
	server *uiserver.Server
	url    string
}

// uiConfig is how to serve the web UI of the Temporal server at address. The UI
// asks no host but that server.
func uiConfig(port int, address string, options Options) (*uiconfig.Config, error) {
	cfg := &uiconfig.Config{
		TemporalGRPCAddress: address,
		Host:                loopback,
		Port:                port,
		EnableUI:            true,
		DefaultNamespace:    options.Namespace,
		DisableNewsFetch:    true,
		HideLogs:            true,
		Codec:               uiconfig.Codec{Endpoint: options.Codec},
		CORS:                uiconfig.CORS{CookieInsecure: true}, // loopback is plain HTTP
	}
	if options.Panel == "" {
		return cfg, nil
	}
	panel, err := url.Parse(options.Panel)
	if err != nil {
		return nil, fmt.Errorf("--panel: %w", err)
	}
	cfg.CustomUI = uiconfig.CustomUI{Enabled: true, IframeExtensions: []uiconfig.IframeExtension{{
		ID:            "review-panel",
		Title:         "Review",
		Slot:          "workflow.header.after-details",
		Src:           options.Panel,
		AllowedOrigin: panel.Scheme + "://" + panel.Host,
		Permissions:   []string{"context:namespace", "context:workflow"},
		Sandbox:       uiconfig.IframeSandbox{AllowForms: true, AllowPopups: true, AllowSameOrigin: true},
		Sizing:        uiconfig.IframeExtensionSizing{DefaultHeight: 640},
	}}}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("--panel %s: want an https:// address on an origin of its own: %w", options.Panel, err)
	}
	return cfg, nil
}

// startUI serves the web UI, and returns when it answers.
func startUI(ctx context.Context, cfg *uiconfig.Config) (*webUI, error) {
	ui := &webUI{server: uiserver.NewServer(uioptions.WithConfigProvider(cfg)), url: "http://" + hostPort(cfg.Port)}
	go func() { _ = ui.server.Start() }() // it ends the process itself if it cannot listen
	err := poll(ctx, "the web UI does not answer", func(ctx context.Context) error { return get(ctx, ui.url+"/healthz") })
	if err != nil {
		ui.server.Stop()
		return nil, err
	}
	return ui, nil
}

// get reports whether a page answers with status 200.
func get(ctx context.Context, page string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, page, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", page, response.Status)
	}
	return nil
}
