package cli

import (
	"context"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
)

// forwarder gives a server that comes back on another port after each restart
// one address for good. Whoever connects while the server is down is cut off,
// and tries again.
type forwarder struct {
	listener net.Listener
	port     atomic.Int64 // of the server, 0 while it is not known
	open     sync.WaitGroup
	stop     context.CancelFunc
}

// forward starts a forwarder on a free port of loopback.
func forward(ctx context.Context) (*forwarder, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &forwarder{listener: listener, stop: stop}
	f.open.Go(func() { f.accept(ctx) })
	return f, nil
}

// url is the address to give to clients.
func (f *forwarder) url() string { return "http://" + f.listener.Addr().String() }

// to sets the port of the server; 0 says that it is down.
func (f *forwarder) to(port int) { f.port.Store(int64(port)) }

// close cuts off everybody and waits until they are gone.
func (f *forwarder) close() {
	f.stop()
	_ = f.listener.Close() // nothing to lose
	f.open.Wait()
}

func (f *forwarder) accept(ctx context.Context) {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.open.Go(func() { f.join(ctx, conn) })
	}
}

// join copies between a client and the server until either ends.
func (f *forwarder) join(ctx context.Context, client net.Conn) {
	defer func() { _ = client.Close() }()
	address := net.JoinHostPort(loopback, strconv.FormatInt(f.port.Load(), 10))
	server, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { _, _ = client.Close(), server.Close() })
	defer stop()
	var up sync.WaitGroup
	up.Go(func() {
		_, _ = io.Copy(server, client)
		halfClose(server)
	})
	_, _ = io.Copy(client, server)
	_ = client.Close() // the server ended: nobody answers any more
	up.Wait()
	_ = server.Close()
}

// halfClose says that nothing more will be sent.
func halfClose(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
}
