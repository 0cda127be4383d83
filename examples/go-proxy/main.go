// A proxy to a model that lets no more than a few calls through at a time.
//
// FAULT=no-deadline   a call has no end of its own
// FAULT=slot-leak     a call that fails keeps its place
package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

const (
	deadline = 1500 * time.Millisecond
	// A caller that gets no place by then is refused.
	patience = 500 * time.Millisecond
)

var (
	fault = os.Getenv("FAULT")
	model = os.Getenv("MODEL_URL")
	slots = make(chan struct{}, 8)
)

func chat(w http.ResponseWriter, r *http.Request) {
	select {
	case slots <- struct{}{}:
	case <-time.After(patience):
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	case <-r.Context().Done():
		return
	}
	failed := true
	defer func() {
		if !failed || fault != "slot-leak" {
			<-slots
		}
	}()
	ctx := r.Context()
	if fault != "no-deadline" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, deadline)
		defer cancel()
	}
	call, err := http.NewRequestWithContext(ctx, "POST", model+"/v1/chat/completions", r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	call.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	failed = answer.StatusCode >= 500
	w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
	w.WriteHeader(answer.StatusCode)
	w.Write(body)
}

func main() {
	http.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "ok")
	})
	http.HandleFunc("POST /chat", chat)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
