// Package helm tests the Helm chart in the folder natstron, without a cluster: Helm's own
// library lints and renders it, kubeconform checks the manifests against the schemas of the
// Kubernetes API, and a small stand-in for a kubelet gives each pod its files and variables, so
// that the real binary can check each astrond.yml, and a whole release runs as processes of
// this machine.
package helm
