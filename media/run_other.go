//go:build !linux

package media

import "os/exec"

// ownGroup leaves cmd as it is: exec.CommandContext kills the program itself.
func ownGroup(*exec.Cmd) {}

// start starts cmd. Bounds on another program can be set on Linux only.
func start(cmd *exec.Cmd, _ bounds) error { return cmd.Start() }

type death int

const (
	natural death = iota
	cpuLimit
	sizeLimit
	outOfMemory
)

func killedBy(error) death { return natural }
