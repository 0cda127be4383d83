// Clients for the benchmark of the model: faster than any model, which clients in Node are not. Reads one
// order a line, as JSON, and answers each with a line.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
)

type order struct {
	Mode    string // stream, hold, release
	URL     string
	Body    string
	Streams int
	Seconds float64
	PaceMs  float64 // What lies between two events, when the gaps are to be judged.
}

type answer struct {
	EventsPerSecond         float64
	GapErrorMs, GapErrorP99 float64 // Of the time between two events.
	LateMs, LateP99         float64 // Of each event against the pace, counted from the first one.
	Error                   string  `json:",omitempty"`
}

var held []io.Closer

func client(streams int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: streams, DisableCompression: true}}
}

func open(c *http.Client, o order) (io.ReadCloser, error) {
	response, err := c.Post(o.URL, "application/json", strings.NewReader(o.Body))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != 200 {
		text, _ := io.ReadAll(response.Body)
		return nil, fmt.Errorf("%d: %s", response.StatusCode, text)
	}
	return response.Body, nil
}

var content = []byte(`"content":"`)

// Reads one stream to its end; tells the instants of its events with text.
func read(body io.Reader, buffer []byte, told func()) error {
	reader := bufio.NewReaderSize(body, len(buffer))
	for {
		line, err := reader.ReadSlice('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		at := bytes.Index(line, content)
		if at >= 0 && line[at+len(content)] != '"' {
			told()
		}
	}
}

func stream(o order) answer {
	c := client(o.Streams)
	defer c.CloseIdleConnections()
	var mutex sync.Mutex
	var events int
	var gaps, lates []float64
	var failed error
	var group sync.WaitGroup
	began := time.Now()
	until := began.Add(time.Duration(o.Seconds * float64(time.Second)))
	for i := 0; i < o.Streams; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			// Spread over one pace, as the streams of many clients are.
			time.Sleep(time.Duration(o.PaceMs * float64(i) / float64(o.Streams) * float64(time.Millisecond)))
			buffer := make([]byte, 64*1024)
			for time.Now().Before(until) {
				body, err := open(c, o)
				if err == nil {
					var own int
					var first, last time.Time
					var ownGaps, ownLates []float64
					err = read(body, buffer, func() {
						now := time.Now()
						if own == 0 {
							first = now
						} else if o.PaceMs > 0 {
							ownGaps = append(ownGaps, math.Abs(now.Sub(last).Seconds()*1000-o.PaceMs))
							ownLates = append(ownLates, math.Abs(now.Sub(first).Seconds()*1000-o.PaceMs*float64(own)))
						}
						last = now
						own++
					})
					body.Close()
					mutex.Lock()
					events += own
					gaps = append(gaps, ownGaps...)
					lates = append(lates, ownLates...)
					mutex.Unlock()
				}
				if err != nil {
					mutex.Lock()
					failed = err
					mutex.Unlock()
					return
				}
			}
		}()
	}
	group.Wait()
	result := answer{EventsPerSecond: float64(events) / time.Since(began).Seconds()}
	if failed != nil {
		result.Error = failed.Error()
	}
	if len(gaps) > 0 {
		sort.Float64s(gaps)
		sort.Float64s(lates)
		result.GapErrorMs = gaps[len(gaps)/2]
		result.GapErrorP99 = gaps[len(gaps)*99/100]
		result.LateMs = lates[len(lates)/2]
		result.LateP99 = lates[len(lates)*99/100]
	}
	return result
}

func hold(o order) answer {
	c := client(o.Streams)
	for i := 0; i < o.Streams; i++ {
		body, err := open(c, o)
		if err != nil {
			return answer{Error: err.Error()}
		}
		held = append(held, body)
	}
	return answer{}
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<20), 1<<20)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		var o order
		if err := json.Unmarshal(input.Bytes(), &o); err != nil {
			output.Encode(answer{Error: err.Error()})
			continue
		}
		switch o.Mode {
		case "stream":
			output.Encode(stream(o))
		case "hold":
			output.Encode(hold(o))
		default:
			for _, one := range held {
				one.Close()
			}
			held = nil
			output.Encode(answer{})
		}
	}
}
