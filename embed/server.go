// Package embed runs a Temporal server and its web UI in this process, on one
// SQLite file and on loopback only: the orchestrator of a laptop or of a single
// machine. It is a module of its own, so that workers and the CLI do not inherit
// the server's dependencies; they start its command as a child instead.
package embed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const (
	loopback = "127.0.0.1"
	maxPort  = 65535

	// clusterName stands in every database file: it is never changed.
	clusterName = "active"

	// namespaceRefresh is how long the services may go on with what they last
	// read of a namespace, its search attributes among it.
	namespaceRefresh = 2 * time.Second

	// pollRPS lets the queues of the one shard read a new task at once. At the
	// default of 20 reads a second, each step of a workflow waits some 40 ms.
	pollRPS = 2000
)

// settings are the dynamic configuration of the server, where it differs from
// the server's own defaults or must not follow a change of them.
var settings = dynamicconfig.StaticClient{
	dynamicconfig.TransferProcessorMaxPollRPS.Key():   pollRPS,
	dynamicconfig.TimerProcessorMaxPollRPS.Key():      pollRPS,
	dynamicconfig.VisibilityProcessorMaxPollRPS.Key(): pollRPS,
	dynamicconfig.NamespaceCacheRefreshInterval.Key(): namespaceRefresh,
	// Lists are what people and the review panel look at; 10 a second is too few.
	dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 200,
	// Without fairness one customer's backlog holds up all the others.
	dynamicconfig.MatchingEnableFairness.Key(): true,
	// People's decisions are updates.
	dynamicconfig.FrontendEnableUpdateWorkflowExecution.Key(): true,
	// A pause button beside a review would be taken for part of it.
	dynamicconfig.WorkflowPauseEnabled.Key(): false,
	// The check asks a host on the internet.
	dynamicconfig.EnableServerVersionCheck.Key(): false,
	// 128,000 executions is a cluster's cache, not a laptop's.
	dynamicconfig.HistoryCacheHostLevelMaxSize.Key(): 8000,
}

// Options say what to serve. DB is required; everything else has a default.
type Options struct {
	// DB is the SQLite file that holds everything; it is made if it is absent, in
	// a directory that exists. One server at a time may use it.
	DB string
	// Port and UIPort are the TCP ports of gRPC and of the web UI; 0 is a free one.
	Port, UIPort int
	// Namespace is made if it is absent; "" is "default".
	Namespace string
	// SearchAttributes are added to the namespace where they are missing. None is
	// ever removed. One that is there with another type is an error.
	SearchAttributes map[string]enums.IndexedValueType
	// Retention is how long the history of a closed workflow is kept, at least
	// one hour; 0 is 90 days. It may change from one start to the next.
	Retention time.Duration
	// LogLevel is debug, info, warn or error; "" is warn. Logs are JSON on stderr.
	LogLevel string
	// Panel is the address of the review page shown inside each workflow's page,
	// as https://127.0.0.1:8443/panel; "" is none. It must be HTTPS, and another
	// origin than the UI: only then does the UI tell it which workflow it shows.
	Panel string
	// Codec is the address of the server that decodes payloads for the web UI; ""
	// is none.
	Codec string
}

func (o Options) withDefaults() Options {
	o.Namespace = cmp.Or(o.Namespace, "default")
	o.Retention = cmp.Or(o.Retention, 90*24*time.Hour)
	o.LogLevel = cmp.Or(o.LogLevel, "warn")
	return o
}

func (o Options) validate() error {
	switch {
	case o.DB == "":
		return errors.New("--db: name the database file")
	case o.Port < 0 || o.Port > maxPort:
		return fmt.Errorf("--port: want 0 to %d, got %d", maxPort, o.Port)
	case o.UIPort < 0 || o.UIPort > maxPort:
		return fmt.Errorf("--ui-port: want 0 to %d, got %d", maxPort, o.UIPort)
	case o.Retention < time.Hour: // the server's own minimum
		return fmt.Errorf("--retention: want at least 1h, got %s", o.Retention)
	}
	return checkAttributes(o.SearchAttributes)
}

// Server is a running Temporal server with its web UI.
type Server struct {
	temporal temporal.Server
	ui       *webUI
	lock     *lock
	logLevel zap.AtomicLevel
	address  string
}

// Address is the host and port of gRPC.
func (s *Server) Address() string { return s.address }

// UI is the base address of the web UI.
func (s *Server) UI() string { return s.ui.url }

// Start serves as options say, and returns when the namespace and all its
// search attributes can be used and the UI answers. The end of ctx gives up a
// start that is not finished; it does not stop a running server.
func Start(ctx context.Context, options Options) (_ *Server, err error) {
	options = options.withDefaults()
	if err := options.validate(); err != nil {
		return nil, err
	}
	level, err := zap.ParseAtomicLevel(options.LogLevel)
	if err != nil {
		return nil, fmt.Errorf("--log-level: want debug, info, warn or error: %w", err)
	}

	s := &Server{logLevel: level}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()
	if s.lock, err = lockFile(ctx, options.DB); err != nil {
		return nil, err
	}
	store, err := openDB(options)
	if err != nil {
		return nil, err
	}
	ports, err := reserve(ctx, port{"--port", options.Port}, port{"--ui-port", options.UIPort}, port{}, port{}, port{})
	if err != nil {
		return nil, err
	}
	s.address = hostPort(ports[0])
	ui, err := uiConfig(ports[1], s.address, options)
	if err != nil {
		return nil, err
	}

	server, err := newTemporal(newLogger(level), store, map[primitives.ServiceName]int{
		primitives.FrontendService: ports[0],
		primitives.HistoryService:  ports[2],
		primitives.MatchingService: ports[3],
		primitives.WorkerService:   ports[4],
	})
	if err != nil {
		return nil, fmt.Errorf("temporal: %w", err)
	}
	s.temporal = server
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("temporal: %w", err)
	}
	if err := prepare(ctx, s.address, options); err != nil {
		return nil, err
	}
	if s.ui, err = startUI(ctx, ui); err != nil {
		return nil, err
	}
	return s, nil
}

// Stop ends the server and lets go of its file and ports. What was acknowledged
// is on disk before; a server that is killed loses nothing either.
func (s *Server) Stop() {
	if s.ui != nil {
		s.ui.server.Stop()
	}
	if s.temporal != nil {
		s.logLevel.SetLevel(zap.FatalLevel) // its parts report one another as gone
		_ = s.temporal.Stop()
	}
	if s.lock != nil {
		s.lock.release()
	}
}

func newTemporal(logger log.Logger, store config.SQL, ports map[primitives.ServiceName]int) (temporal.Server, error) {
	services := make(map[string]config.Service)
	hosts := make(map[primitives.ServiceName]static.Hosts)
	for name, port := range ports {
		services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: loopback}}
		hosts[name] = static.SingleLocalHost(hostPort(port))
	}
	off := config.ArchivalNamespaceDefaults{
		History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
		Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
	}

	return temporal.NewServer(
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithDynamicConfigClient(settings),
		temporal.WithLogger(logger),
		temporal.WithConfig(&config.Config{
			Services: services,
			Persistence: config.Persistence{
				DefaultStore:     "sqlite",
				VisibilityStore:  "sqlite",
				NumHistoryShards: 1, // one connection writes the file: more shards would only wait for it
				DataStores:       map[string]config.DataStore{"sqlite": {SQL: &store}},
			},
			ClusterMetadata: &cluster.Config{
				FailoverVersionIncrement: 10,
				MasterClusterName:        clusterName,
				CurrentClusterName:       clusterName,
				ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {
					Enabled:                true,
					InitialFailoverVersion: 1,
					RPCAddress:             hostPort(ports[primitives.FrontendService]),
				}},
			},
			DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
			Archival: config.Archival{
				History:    config.HistoryArchival{State: "disabled"},
				Visibility: config.VisibilityArchival{State: "disabled"},
			},
			NamespaceDefaults: config.NamespaceDefaults{Archival: off},
			PublicClient:      config.PublicClient{HostPort: hostPort(ports[primitives.FrontendService])},
		}),
	)
}

// newLogger writes JSON to stderr, one line an entry.
func newLogger(level zap.AtomicLevel) log.Logger {
	stderr := zapcore.Lock(os.Stderr)
	return log.NewZapLogger(zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(log.DefaultZapEncoderConfig), stderr, level)))
}

// port is a TCP port and the flag that sets it; number 0 means any free one.
type port struct {
	flag   string
	number int
}

// reserve finds out which ports to use. All are held until the last is known,
// so no two are the same, and then let go of for the servers to listen on.
func reserve(ctx context.Context, wanted ...port) ([]int, error) {
	numbers := make([]int, len(wanted))
	for i, w := range wanted {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", hostPort(w.number))
		if err != nil {
			return nil, fmt.Errorf("port %d is not free: end the program that uses it, or give another %s (0 picks a free one): %w",
				w.number, w.flag, err)
		}
		defer listener.Close()
		numbers[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return numbers, nil
}

func hostPort(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

// poll calls try every 20 ms until it succeeds or ctx ends, which is an error
// that says what was waited for and how the last try failed.
func poll(ctx context.Context, what string, try func(context.Context) error) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w; last try: %w", what, context.Cause(ctx), err)
		case <-ticker.C:
		}
	}
}
