// Command kube-apiserver-test runs etcd, kube-apiserver and a few upstream controllers in one
// process on loopback, for integration tests.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	logsapi "k8s.io/component-base/logs/api/v1"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "kube-apiserver-test:", err)
		os.Exit(1)
	}
}

func main() {
	// multi-call: run one upstream component as it is
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "kube-apiserver":
			os.Args = os.Args[1:]
			os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
		}
	}
	start := time.Now()
	dir := flag.String("dir", "data", "state directory")
	port := flag.Int("port", 16443, "apiserver port")
	etcdPort := flag.Int("etcd-port", 16479, "etcd client port (peer is +1)")
	extEtcd := flag.String("etcd", "", "external etcd endpoint instead of the embedded one")
	controllers := flag.String("controllers", "*", "kube-controller-manager controllers; empty: do not run it")
	gcSync := flag.Duration("gc-sync", time.Second, "how often the garbage collector looks for new resource types (kube-controller-manager: 30s)")
	kubeconfig := flag.String("kubeconfig", "", "where to write the admin kubeconfig")
	extra := flag.String("apiserver-args", "", "extra apiserver args, space separated")
	grace := flag.Duration("grace", time.Second, "how long to wait for the apiserver on SIGTERM")
	untilEOF := flag.Bool("until-eof", false, "end when standard input does: the server then never outlives who started it")
	verbosity := flag.String("v", "0", "klog verbosity")
	flag.Parse()

	d, err := filepath.Abs(*dir)
	must(err)
	must(os.MkdirAll(d, 0o700))
	if *kubeconfig == "" {
		*kubeconfig = filepath.Join(d, "kubeconfig")
	}

	// service-account key and admin token
	saKey := filepath.Join(d, "sa.key")
	if _, err := os.Stat(saKey); err != nil {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		must(err)
		b := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)})
		must(os.WriteFile(saKey, b, 0o600))
	}
	tokFile := filepath.Join(d, "tokens.csv")
	var token string
	if b, err := os.ReadFile(tokFile); err == nil {
		token, _, _ = strings.Cut(string(b), ",")
	} else {
		r := make([]byte, 16)
		rand.Read(r)
		token = hex.EncodeToString(r)
		must(os.WriteFile(tokFile, []byte(token+",admin,admin,\"system:masters\"\n"), 0o600))
	}

	etcdURL := *extEtcd
	if etcdURL == "" {
		cfg := embed.NewConfig()
		cfg.Dir = filepath.Join(d, "etcd")
		cfg.LogLevel = "error"
		cfg.LogOutputs = []string{filepath.Join(d, "etcd.log")}
		cfg.UnsafeNoFsync = true
		cu, pu := mustURL(*etcdPort), mustURL(*etcdPort+1)
		cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{cu}, []url.URL{cu}
		cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{pu}, []url.URL{pu}
		cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
		e, err := embed.StartEtcd(cfg)
		must(err)
		select {
		case <-e.Server.ReadyNotify():
		case <-time.After(20 * time.Second):
			must(fmt.Errorf("etcd not ready"))
		}
		etcdURL = cu.String()
		defer e.Close()
	}
	etcdReady := time.Since(start)

	server := fmt.Sprintf("https://127.0.0.1:%d", *port)
	certDir := filepath.Join(d, "certs")
	ca := filepath.Join(certDir, "apiserver.crt")
	kc := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: test
clusters: [{name: test, cluster: {server: %q, certificate-authority: %q}}]
users: [{name: admin, user: {token: %q}}]
contexts: [{name: test, context: {cluster: test, user: admin, namespace: default}}]
`, server, ca, token)
	must(os.WriteFile(*kubeconfig, []byte(kc), 0o600))

	logsapi.ReapplyHandling = logsapi.ReapplyHandlingIgnoreUnchanged
	api := apiserver.NewAPIServerCommand() // installs the SIGTERM handler
	args := []string{
		"--v=" + *verbosity,
		"--etcd-servers=" + etcdURL,
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", *port),
		"--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
		"--cert-dir=" + certDir,
		"--service-cluster-ip-range=10.0.0.0/24",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + saKey, "--service-account-signing-key-file=" + saKey,
		"--token-auth-file=" + tokFile,
		"--authorization-mode=RBAC", "--profiling=false",
		"--shutdown-delay-duration=0s",
	}
	api.SetArgs(append(args, strings.Fields(*extra)...))
	done := make(chan error, 2)
	go func() { done <- api.Execute() }()

	must(waitReady(server, token, done))
	fmt.Fprintf(os.Stderr, "kube-apiserver-test: etcd ready %.2fs, apiserver /readyz %.2fs\n", etcdReady.Seconds(), time.Since(start).Seconds())

	if *controllers != "" {
		must(runControllers(*kubeconfig, *gcSync))
	}
	fmt.Printf("READY %s kubeconfig=%s\n", server, *kubeconfig)

	sig := make(chan os.Signal, 1)
	signal.Notify(sig, syscall.SIGTERM, syscall.SIGINT)
	if *untilEOF {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			syscall.Kill(os.Getpid(), syscall.SIGTERM) // the API server has its own handler
		}()
	}
	select {
	case err := <-done:
		fmt.Fprintln(os.Stderr, "kube-apiserver-test: component ended:", err)
	case <-sig:
		select {
		case <-done:
		case <-time.After(*grace):
		}
		os.Exit(0) // the state is thrown away: no orderly stop of etcd
	}
}

func mustURL(port int) url.URL {
	return url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)}
}

func waitReady(server, token string, done chan error) error {
	hc := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	for {
		req, _ := http.NewRequestWithContext(ctx, "GET", server+"/readyz", nil)
		req.Header.Set("Authorization", "Bearer "+token)
		if r, err := hc.Do(req); err == nil {
			r.Body.Close()
			if r.StatusCode == 200 {
				return nil
			}
		}
		select {
		case err := <-done:
			return fmt.Errorf("apiserver ended: %v", err)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
