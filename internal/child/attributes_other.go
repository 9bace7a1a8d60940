//go:build unix && !linux

package child

import "syscall"

// attributes put a child into a group of its own. That it ends with its parent
// rests on its stdin alone.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
