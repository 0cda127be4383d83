// Load for the benchmark of the links: a client faster than any proxy, which one in Node is not.
// It serves an echo, a source and a sink of bytes, says where, and then does one measurement for
// each line of JSON that it reads, answering each with a line.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

type order struct {
	Mode        string // pingpong, download, upload, fetch, send, hold, release, first-byte, whole, closing
	Address     string
	Connections int
	Seconds     float64
	KiloBytes   int // Of the block that is asked for, 1000 bytes each.
	MegaBytes   int // Of one transfer, from its first byte to its last.
}

type answer struct {
	P50Us, P99Us   float64
	Rounds         int
	BytesPerSecond float64
	DelaysMs       []float64 `json:",omitempty"`
	Error          string    `json:",omitempty"`
}

// Connections that stay open between two orders.
var held []net.Conn

func serve(handle func(net.Conn)) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); handle(conn) }()
		}
	}()
	return listener.Addr().String()
}

func main() {
	block := make([]byte, 256*1024)
	json.NewEncoder(os.Stdout).Encode(map[string]string{
		"echo": serve(func(conn net.Conn) {
			buffer := make([]byte, 64*1024)
			for {
				n, err := conn.Read(buffer)
				if err != nil {
					return
				}
				if _, err := conn.Write(buffer[:n]); err != nil {
					return
				}
			}
		}),
		"source": serve(func(conn net.Conn) {
			for {
				if _, err := conn.Write(block); err != nil {
					return
				}
			}
		}),
		"sink": serve(func(conn net.Conn) {
			buffer := make([]byte, 256*1024)
			for {
				if _, err := conn.Read(buffer); err != nil {
					return
				}
			}
		}),
		// Reads as many bytes as the first eight say, and answers with one.
		"receipt": serve(func(conn net.Conn) {
			var length int64
			if binary.Read(conn, binary.BigEndian, &length) != nil {
				return
			}
			if _, err := io.CopyBuffer(discard{}, io.LimitReader(conn, length), make([]byte, 256*1024)); err == nil {
				conn.Write([]byte{1})
			}
		}),
		// Sends as many kilobytes as the byte that it gets says, at once, and closes.
		"block": serve(func(conn net.Conn) {
			wanted := make([]byte, 1)
			io.ReadFull(conn, wanted)
			conn.Write(block[:int(wanted[0])*1000])
		}),
	})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var wanted order
		if err := json.Unmarshal(lines.Bytes(), &wanted); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		json.NewEncoder(os.Stdout).Encode(measure(wanted))
	}
}

func measure(wanted order) answer {
	if wanted.Mode == "release" {
		closeAll(held)
		held = nil
		return answer{}
	}
	conns := make([]net.Conn, 0, wanted.Connections)
	for range wanted.Connections {
		conn, err := net.Dial("tcp", wanted.Address)
		if err != nil {
			return answer{Error: err.Error()}
		}
		conns = append(conns, conn)
	}
	if wanted.Mode == "hold" {
		held = conns
		return pingpong(conns, 0) // One round each: every connection is whole, up to the echo.
	}
	defer closeAll(conns)
	switch wanted.Mode {
	case "pingpong":
		return pingpong(conns, wanted.Seconds)
	case "download", "upload":
		return stream(conns, wanted.Mode, wanted.Seconds)
	case "fetch":
		return delays(conns, func(conn net.Conn) float64 {
			began := time.Now()
			io.CopyBuffer(discard{}, io.LimitReader(conn, int64(wanted.MegaBytes)*1e6), make([]byte, 256*1024))
			return ms(time.Since(began))
		})
	case "send":
		return delays(conns, func(conn net.Conn) float64 {
			began := time.Now()
			left := int64(wanted.MegaBytes) * 1e6
			binary.Write(conn, binary.BigEndian, left)
			for buffer := make([]byte, 256*1024); left > 0; left -= int64(len(buffer)) {
				conn.Write(buffer[:min(left, int64(len(buffer)))])
			}
			io.ReadFull(conn, make([]byte, 1))
			return ms(time.Since(began))
		})
	case "first-byte":
		return delays(conns, func(conn net.Conn) float64 {
			began := time.Now()
			conn.Write([]byte{1})
			io.ReadFull(conn, make([]byte, 1))
			return ms(time.Since(began))
		})
	case "whole", "closing":
		// Time to all of the block, or from its last byte to the end of the stream.
		return delays(conns, func(conn net.Conn) float64 {
			began := time.Now()
			conn.Write([]byte{byte(wanted.KiloBytes)})
			io.ReadFull(conn, make([]byte, wanted.KiloBytes*1000))
			if wanted.Mode == "closing" {
				began = time.Now()
				conn.Read(make([]byte, 1))
			}
			return ms(time.Since(began))
		})
	}
	return answer{Error: "no such mode"}
}

// Has no ReadFrom, so that bytes are read as a program reads them, and not spliced by the kernel.
type discard struct{}

func (discard) Write(data []byte) (int, error) { return len(data), nil }

func closeAll(conns []net.Conn) {
	for _, conn := range conns {
		conn.Close()
	}
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// What each connection measured, one after the other.
func delays(conns []net.Conn, one func(net.Conn) float64) answer {
	var found []float64
	for _, conn := range conns {
		found = append(found, one(conn))
	}
	return answer{DelaysMs: found, Rounds: len(found)}
}

func pingpong(conns []net.Conn, seconds float64) answer {
	until := time.Now().Add(time.Duration(seconds * 1e9))
	var all []float64
	var lock sync.Mutex
	var group sync.WaitGroup
	failed := ""
	for _, conn := range conns {
		group.Add(1)
		go func() {
			defer group.Done()
			message := make([]byte, 64)
			var own []float64
			for {
				began := time.Now()
				_, err := conn.Write(message)
				if err == nil {
					_, err = io.ReadFull(conn, message)
				}
				lock.Lock()
				if err != nil {
					failed = err.Error()
				}
				lock.Unlock()
				own = append(own, float64(time.Since(began))/1e3)
				if err != nil || time.Now().After(until) {
					break
				}
			}
			lock.Lock()
			all = append(all, own...)
			lock.Unlock()
		}()
	}
	group.Wait()
	sort.Float64s(all)
	return answer{
		P50Us: all[len(all)/2], P99Us: all[len(all)*99/100], Rounds: len(all), Error: failed,
	}
}

func stream(conns []net.Conn, mode string, seconds float64) answer {
	var total atomic.Int64
	for _, conn := range conns {
		go func() {
			buffer := make([]byte, 256*1024)
			for {
				var n int
				var err error
				if mode == "download" {
					n, err = conn.Read(buffer)
				} else {
					n, err = conn.Write(buffer)
				}
				total.Add(int64(n))
				if err != nil {
					return
				}
			}
		}()
	}
	time.Sleep(200 * time.Millisecond) // Up to speed.
	from, began := total.Load(), time.Now()
	time.Sleep(time.Duration(seconds * 1e9))
	return answer{BytesPerSecond: float64(total.Load()-from) / time.Since(began).Seconds()}
}
